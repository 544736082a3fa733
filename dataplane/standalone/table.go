package standalone

import (
	"fmt"
	"io"
	"text/tabwriter"

	"vigor/dataplane"
	"vigor/nf"
)

// Table prints packets in, out and dropped of each device, and the drops by reason; those of several
// shards are added up.
func Table(out io.Writer, env nf.Env, shards ...*dataplane.Counters) error {
	var total dataplane.Counters
	for _, c := range shards {
		for d := range env.Devices {
			total.Received[d] += c.Received[d]
			total.Sent[d] += c.Sent[d]
			for r, n := range c.Dropped[d] {
				total.Dropped[d][r] += n
			}
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "device\treceived\tsent\tdropped")
	for d := range env.Devices {
		var dropped uint64
		for _, n := range total.Dropped[d] {
			dropped += n
		}
		fmt.Fprintf(w, "%d\t%d\t%d\t%d\n", d, total.Received[d], total.Sent[d], dropped)
	}
	printReasons(w, env, &total)
	return w.Flush()
}

// printReasons prints the drops by device and reason, if there are any.
func printReasons(w io.Writer, env nf.Env, total *dataplane.Counters) {
	header := false
	for d := range env.Devices {
		for r, n := range total.Dropped[d] {
			if n == 0 {
				continue
			}
			if !header {
				fmt.Fprintln(w, "\ndevice\tdropped\treason")
				header = true
			}
			fmt.Fprintf(w, "%d\t%d\t%v: %s\n", d, n, nf.Reason(r), nf.Reason(r).Doc())
		}
	}
}
