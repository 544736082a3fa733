package main

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vigor/dataplane"
	"vigor/dataplane/config"
	"vigor/dataplane/memory"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
	"vigor/nfs/nat"
	"vigor/verify"
)

// demoFiles hold a configuration, and what two devices of a NAT received.
//
//go:embed demo
var demoFiles embed.FS

// demoInputs are the captures in order of their devices.
var demoInputs = []string{"demo/inside.pcap", "demo/outside.pcap"}

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Prove the NAT, then let it translate a recorded capture",
		Args:  arguments("vigor demo"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "Proving the NAT of nfs/nat: its spec and its properties, for every packet, state and configuration.\n\n")
			report, err := verifyWithProgress(cmd, verify.Config{Package: "vigor/nfs/nat"})
			if err != nil {
				return err
			}
			if err := printReport(cmd, report, false, false); err != nil {
				return err
			}
			if status := statusOf(report); status != exitProved {
				return exitStatus(status)
			}
			fmt.Fprintf(out, "\nRunning it on what two hosts behind device 0 and a server behind device 1 sent (dig, curl, ping):\n\n")
			return translate(out)
		},
	}
}

// step is what became of one packet.
type step struct {
	before string
	from   nf.Device
	action nf.Action
	after  string
}

// translate runs the NAT on the captures and prints each packet before and after.
func translate(out io.Writer) error {
	text, err := demoFiles.ReadFile("demo/nat.yaml")
	if err != nil {
		return err
	}
	var cfg nat.Config
	if _, err := config.Read("nat.yaml", text, &cfg); err != nil {
		return err
	}
	env, err := dataplane.NewRepeatableEnv(len(demoInputs))
	if err != nil {
		return err
	}
	network, err := nat.New(env, cfg)
	if err != nil {
		return err
	}
	queue, err := demoFrames()
	if err != nil {
		return err
	}
	var steps []step
	process := func(packets []nf.Packet, actions []nf.Action) {
		for i := range packets {
			p := &packets[i]
			before := describeFrame(p.Bytes())
			actions[i] = network.Process(p)
			steps = append(steps, step{before, p.Device(), actions[i], describeFrame(p.Bytes())})
		}
	}
	loop := dataplane.NewLoop(env, process, queue)
	for err == nil {
		err = loop.Step()
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	return printSteps(out, steps)
}

// printSteps prints a line for each translation, in order of its first packet.
func printSteps(out io.Writer, steps []step) error {
	var order []step
	packets := make(map[step]int)
	sent := 0
	for _, s := range steps {
		if packets[s] == 0 {
			order = append(order, s)
		}
		packets[s]++
		if s.action.Kind != nf.Dropped {
			sent++
		}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "packets\tdevice\treceived\tdevice\tsent")
	for _, s := range order {
		if s.action.Kind == nf.Dropped {
			fmt.Fprintf(table, "%d\t%d\t%s\t-\tdropped: %v\n", packets[s], s.from, s.before, s.action.Reason)
			continue
		}
		fmt.Fprintf(table, "%d\t%d\t%s\t%d\t%s\n", packets[s], s.from, s.before, s.action.Device, s.after)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d packets received, %d translated, %d dropped.\n", len(steps), sent, len(steps)-sent)
	return err
}

// demoFrames queues the frames of the embedded captures in order of their times.
func demoFrames() (*memory.Queue, error) {
	arrivals, err := demoArrivals()
	if err != nil {
		return nil, err
	}
	queue := &memory.Queue{}
	for _, a := range arrivals {
		queue.Put(a.device, a.packet.Time, a.packet.Data)
	}
	return queue, nil
}

// arrival is a packet that arrives at a device.
type arrival struct {
	device nf.Device
	packet pcapfile.Packet
}

// demoArrivals are the packets of the embedded captures in order of their times.
func demoArrivals() ([]arrival, error) {
	var all []arrival
	for device, name := range demoInputs {
		text, err := demoFiles.ReadFile(name)
		if err == nil {
			all, err = appendArrivals(all, nf.Device(device), name, bytes.NewReader(text))
		}
		if err != nil {
			return nil, err
		}
	}
	return sortArrivals(all), nil
}

// appendArrivals adds the packets of a capture.
func appendArrivals(all []arrival, device nf.Device, name string, in io.Reader) ([]arrival, error) {
	reader, err := pcapfile.NewReader(name, in)
	for err == nil {
		var p pcapfile.Packet
		if p, err = reader.Next(nil); err == nil {
			all = append(all, arrival{device, p})
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return all, nil
}

// sortArrivals orders packets by their times.
func sortArrivals(all []arrival) []arrival {
	slices.SortStableFunc(all, func(a, b arrival) int { return cmp.Compare(a.packet.Time, b.packet.Time) })
	return all
}
