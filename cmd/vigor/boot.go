package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"vigor/internal/image"
	"vigor/internal/program"
	"vigor/internal/qemu"
	"vigor/nf"
)

// boot is how an image is shown at work.
type boot struct {
	run  bool
	kind string
	in   []string // DEV=PCAP
}

// Limits of waiting for a machine.
const (
	bootLimit = 30 * time.Second
	sendLimit = 250 * time.Millisecond // for what becomes of one frame
)

// check refuses flags that make no sense.
func (b boot) check(devices int) error {
	switch {
	case !slices.Contains([]string{"q35", "pc", "microvm"}, b.kind):
		return &usageError{fmt.Sprintf("image: there is no machine %q", b.kind), "--machine q35, pc or microvm"}
	case len(b.in) > 0 && !b.run:
		return &usageError{"image: --in is for --run", imageExample + " --run --in 0=lan.pcap"}
	case b.run && len(b.in) == 0 && devices != len(demoInputs):
		return &usageError{fmt.Sprintf("image: the frames of the demonstration are for %d devices", len(demoInputs)), imageExample + " --run --in 0=lan.pcap"}
	}
	return nil
}

// arrivals are the frames to send.
func (b boot) arrivals(devices int) ([]arrival, error) {
	if len(b.in) == 0 {
		return demoArrivals()
	}
	var all []arrival
	for _, value := range b.in {
		number, name, ok := strings.Cut(value, "=")
		device, err := strconv.Atoi(number)
		if !ok || err != nil || device < 0 || device >= devices {
			return nil, &usageError{fmt.Sprintf("image: --in %s: want DEVICE=FILE, a device from 0 to %d", value, devices-1), "--in 0=lan.pcap"}
		}
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("opening a capture: %w", err)
		}
		all, err = appendArrivals(all, nf.Device(device), name, file)
		file.Close()
		if err != nil {
			return nil, err
		}
	}
	return sortArrivals(all), nil
}

// boot boots an image and shows what it does with each frame.
func (b boot) boot(cmd *cobra.Command, in program.Image, lines image.Lines) error {
	frames, err := b.arrivals(in.Devices)
	if err != nil {
		return err
	}
	m, err := qemu.Start(cmd.Context(), qemu.Config{Kind: b.kind, Image: in.File, Devices: in.Devices, CPU: "max"})
	if err != nil {
		return err
	}
	defer m.Close()
	log, err := m.Wait("vigor: ready", bootLimit)
	if err != nil {
		return explained(err, log, lines)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "\nbooted in QEMU (%s), with nothing below:\n\n", b.kind)
	for _, line := range log {
		if strings.HasPrefix(line, "vigor: ") {
			fmt.Fprintf(out, "    %s\n", line)
		}
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "vigor: ready %v after the start of QEMU\n", m.Age().Round(time.Millisecond))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\ndevice\treceived\tdevice\tsent")
	leaving := b.collect(m, in.Devices)
	sent, heard := 0, asked{}
	for _, a := range frames {
		frame := heard.answer(int(a.device), a.packet.Data)
		if err := m.Send(int(a.device), frame); err != nil {
			return err
		}
		after, err := wait(m, leaving)
		if err != nil {
			return explained(err, []string{err.Error()}, lines)
		}
		sent += len(after)
		if len(after) == 0 {
			fmt.Fprintf(table, "%d\t%s\t-\tnothing\n", a.device, describeFrame(frame))
		}
		for _, one := range after {
			heard.note(one.device, one.frame)
			fmt.Fprintf(table, "%d\t%s\t%d\t%s\n", a.device, describeFrame(frame), one.device, describeFrame(one.frame))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n%d frames received, %d sent.\n", len(frames), sent)
	return err
}

// departure is a frame that leaves by a device.
type departure struct {
	device int
	frame  []byte
}

// collect receives the frames that leave by any device.
func (b boot) collect(m *qemu.Machine, devices int) <-chan departure {
	leaving := make(chan departure, 64)
	for d := range devices {
		go func() {
			for {
				frame, err := m.Receive(d, time.Hour)
				if err != nil { // the machine is closed
					return
				}
				leaving <- departure{d, frame}
			}
		}()
	}
	return leaving
}

// wait returns what leaves after a frame: all that comes shortly after the first, or nothing.
func wait(m *qemu.Machine, leaving <-chan departure) ([]departure, error) {
	var after []departure
	for limit := sendLimit; ; limit = sendLimit / 20 {
		select {
		case one := <-leaving:
			after = append(after, one)
		case line, ok := <-m.Lines():
			if !ok || strings.Contains(line, "vigor: stopped") {
				return nil, fmt.Errorf("the machine has stopped: %s", line)
			}
		case <-time.After(limit):
			slices.SortStableFunc(after, func(a, b departure) int { return cmp.Compare(a.device, b.device) })
			return after, nil
		}
	}
}

// explained adds to an error where in the source the machine has stopped.
func explained(err error, log []string, lines image.Lines) error {
	for _, line := range log {
		if text, ok := lines.Explain(line); ok {
			return fmt.Errorf("%w\n    %s", err, text)
		}
	}
	return err
}
