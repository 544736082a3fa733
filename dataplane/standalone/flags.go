package standalone

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// options are the parsed flags.
type options struct {
	config    string
	check     bool
	version   bool
	in, out   []pcapfile.File
	devices   int // 0 if not given
	mentioned int // devices up to the largest in or out
}

// parse reads the flags; out is for help, if it is asked for.
func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it
	flags.StringVar(&o.config, "config", "", "configuration `file`")
	flags.Func("in", "`device=file`: capture that the device receives; repeatable", add(&o.in))
	flags.Func("out", "`device=file`: capture to create of what the device sends; repeatable", add(&o.out))
	flags.BoolVar(&o.check, "check", false, "only say whether the function would accept the configuration")
	flags.BoolVar(&o.version, "version", false, "only say what the program was made of, and whether that was proved")
	flags.IntVar(&o.devices, "devices", 0, "`number` of devices, if more than two and those mentioned")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(out)
		flags.Usage()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w (--help lists the flags)", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.config == "" && !o.version:
		return o, errors.New("no configuration: give --config FILE")
	}
	for _, file := range slices.Concat(o.in, o.out) {
		o.mentioned = max(o.mentioned, int(file.Device)+1)
	}
	if o.devices < 0 {
		return o, fmt.Errorf("--devices is %d: the number is 1 to %d", o.devices, nf.MaxDevices)
	}
	if o.devices != 0 && o.devices < o.mentioned {
		return o, fmt.Errorf("--devices is %d, but device %d is used", o.devices, o.mentioned-1)
	}
	return o, nil
}

// add returns the reader of a repeatable DEV=FILE flag.
func add(list *[]pcapfile.File) func(string) error {
	return func(text string) error {
		number, name, ok := strings.Cut(text, "=")
		device, err := strconv.ParseUint(number, 10, 16)
		if !ok || err != nil || name == "" || device >= nf.MaxDevices {
			return fmt.Errorf("want DEVICE=FILE, a device from 0 to %d, as in 0=in.pcap", nf.MaxDevices-1)
		}
		*list = append(*list, pcapfile.File{Device: nf.Device(device), Name: name})
		return nil
	}
}
