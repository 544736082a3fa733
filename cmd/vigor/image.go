package main

import (
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"vigor/internal/image"
	"vigor/internal/program"
	"vigor/nf"
)

const imageExample = "vigor image ./nfs/nat --config nfs/nat/nat.yaml -o nat.img"

func newImage() *cobra.Command {
	var (
		in               program.Image
		unproved, report bool
		iso              string
		explain, log     string
		show             boot
	)
	cmd := &cobra.Command{
		Use:   "image PKG --config FILE -o FILE [--iso FILE] [--run]",
		Short: "Prove an NF and make a bootable image of it",
		Long: `Prove the NF in package PKG as vigor verify does, and make an image of it that boots on an x86-64
machine, or under QEMU with -kernel, by multiboot 1 or PVH: the NF, its configuration, drivers for network
devices, and no operating system. Everything that the image does not need is overwritten. Two
images of the same files are the same bytes. docs/full-stack.md says what is proved, and what is trusted.

The image works with exactly as many devices as --devices says, in the order in which the machine has them
on its first PCI bus. It reports on the first serial line, and stops the machine when something is wrong;
FILE.map tells which line of source is at which address.

With --explain FILE.map --log LOG nothing is made: what a machine has reported is explained.

With --iso there is also a CD, which starts the image by GRUB; grub-mkrescue makes it. With --run the image
is booted in QEMU, and frames are sent to it one by one: those of vigor demo, or of the captures given by
--in DEV=PCAP; a table says what became of each.

If the NF is not proved, the report says why and there is no image. Exit status: 0 made,
1 violated, 2 could not start or not make, 3 unknown.`,
		Example: "  " + imageExample + " --report",
		RunE: func(cmd *cobra.Command, args []string) error {
			if explain != "" {
				return explainLog(cmd, explain, log)
			}
			if err := arguments(imageExample, "package")(cmd, args); err != nil {
				return err
			}
			if in.File == "" {
				return &usageError{"image: no file for the image given", imageExample}
			}
			if in.Devices < 1 || in.Devices > nf.MaxDevices {
				return &usageError{fmt.Sprintf("image: %d devices: the number is 1 to %d", in.Devices, nf.MaxDevices), imageExample + " --devices 2"}
			}
			if err := show.check(in.Devices); err != nil {
				return err
			}
			in.Package = args[0]
			if !unproved {
				in.Prove = func() (string, error) { return proveFirst(cmd, args[0]) }
			}
			made, identity, err := in.Install(cmd.Context())
			if err != nil {
				return err
			}
			out, outcome := cmd.OutOrStdout(), ""
			if unproved {
				outcome = ", " + program.Unproved
			}
			fmt.Fprintf(out, "made %s: %s%s\n", path.Base(in.File), identity, outcome)
			if report {
				if _, err := out.Write(made.Report()); err != nil {
					return err
				}
			}
			if iso != "" {
				if err := image.WriteCD(cmd.Context(), iso, in.File); err != nil {
					return err
				}
			}
			if show.run {
				return show.boot(cmd, in, made.Lines)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&in.File, "output", "o", "", "the image to make or replace")
	flags.StringVar(&in.Config, "config", "", "the NF's configuration, in YAML, which is compiled in")
	flags.IntVar(&in.Devices, "devices", 2, "number of network devices of the machine")
	flags.StringSliceVar(&in.Drivers, "drivers", []string{"virtio"}, "drivers in the image: virtio, and intel for the 82599 and the 82540EM")
	flags.BoolVar(&unproved, "unproved", false, "do not prove the NF; the image then says so")
	flags.StringVar(&iso, "iso", "", "a CD to make, too")
	flags.BoolVar(&show.run, "run", false, "boot the image in QEMU and show what it does with frames")
	flags.StringVar(&show.kind, "machine", "q35", "QEMU's machine for --run: q35, pc or microvm")
	flags.StringArrayVar(&show.in, "in", nil, "DEV=PCAP: with --run, frames of the capture arrive on the device")
	flags.StringVar(&explain, "explain", "", "FILE.map of an image: explain what its machine wrote, as in --log")
	flags.StringVar(&log, "log", "", "what a machine wrote to its serial line, for --explain")
	flags.BoolVar(&report, "report", false, "list what is in the image")
	return cmd
}

// explainLog explains the faults that a machine has reported.
func explainLog(cmd *cobra.Command, file, log string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading what is where in an image: %w", err)
	}
	lines, err := image.ParseLines(text)
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	serial, err := os.ReadFile(log)
	if err != nil {
		return fmt.Errorf("reading what a machine wrote: %w", err)
	}
	explained := false
	for line := range strings.Lines(string(serial)) {
		if text, ok := lines.Explain(line); ok {
			explained = true
			fmt.Fprintln(cmd.OutOrStdout(), text)
		}
	}
	if !explained {
		return fmt.Errorf("%s: no line reports a fault", log)
	}
	return nil
}
