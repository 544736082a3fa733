package bench

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Table prints the report for people.
func (r *Report) Table(out io.Writer) error {
	r.Machine.print(out, r.Rounds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "nf\tio\ttraffic\tturnovers\tframe\tentries\tburst\tns/packet min\tp10\tmedian\tnet min\tp10\tmedian\tMpps\tx nop\tburst us p50\tp99\tp99.9\tp99.99\tmax\talloc\t")
	for _, row := range r.Rows {
		s := row.Scenario
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t", row.NF, s.IO, s.Traffic, s.Turnovers, s.Frame, s.Entries, s.Burst)
		if row.Impossible != "" {
			fmt.Fprintln(w, "-\t\t\t\t\t\t\t\t\t\t\t\t\t\t")
			continue
		}
		fmt.Fprintf(w, "%.1f\t%.1f\t%.1f\t", row.Raw.Min, row.Raw.P10, row.Raw.Median)
		fmt.Fprintf(w, "%.1f\t%.1f\t%.1f\t", row.Net.Min, row.Net.P10, row.Net.Median)
		fmt.Fprintf(w, "%.1f\t%.2f\t", 1000/row.Raw.Median, row.ToNop.Median)
		for _, ns := range row.undisturbed() {
			fmt.Fprintf(w, "%.1f\t", float64(ns)/1000)
		}
		fmt.Fprintf(w, "%d\t\n", row.Allocations)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	r.notes(out)
	return nil
}

// undisturbed are the percentiles of bursts in which the thread kept its processor.
func (r *Row) undisturbed() [5]int64 {
	p := r.Latency.Undisturbed
	return [5]int64{p.P50, p.P99, p.P999, p.P9999, p.Max}
}

// print says where the numbers are from.
func (m *Machine) print(out io.Writer, rounds int) {
	fmt.Fprintf(out, "%s, %d processors, %s, %s\n", m.CPU, m.Processors, m.System, m.Go)
	fmt.Fprintf(out, "%d rounds; load %s before, %s after; %.1f %% of the time went to other machines; huge pages: %s\n",
		rounds, m.Load[0], m.Load[1], m.Steal*100, m.HugePages)
	fmt.Fprint(out, "a read that depends on the one before:")
	for _, t := range m.Memory {
		fmt.Fprintf(out, "  %s %.1f ns", size(t.Bytes), t.Nanoseconds)
	}
	fmt.Fprint(out, "\n\n")
}

// notes says what the table cannot: what was not measured, and what the harness costs.
func (r *Report) notes(out io.Writer) {
	fmt.Fprintln(out)
	for _, row := range r.Rows {
		if row.NF == "nop" && row.Impossible == "" {
			fmt.Fprintf(out, "nop by the harness alone, %s: %.2f to %.2f, median %.2f\n",
				title(row.Scenario), row.ToHarness.Min, row.ToHarness.Max, row.ToHarness.Median)
			if row.ToC != nil {
				fmt.Fprintf(out, "nop by plain forwarding in C, which takes %.1f ns: %.2f to %.2f, median %.2f\n",
					row.C.Median, row.ToC.Min, row.ToC.Max, row.ToC.Median)
			}
		}
	}
	for _, row := range r.Rows {
		if row.State != nil && row.State.Huge != "" {
			fmt.Fprintf(out, "%s, %s: %s of its state lie on huge pages\n", row.NF, title(row.Scenario), row.State.Huge)
		}
	}
	for _, row := range r.Rows {
		for _, p := range r.peersOf(row) {
			fmt.Fprintf(out, "%s, %s: %s %.1f min, %.1f p10, %.1f median; ours is %.2f of that median, from other rounds\n",
				row.NF, title(row.Scenario), p.Name, p.Raw.Min, p.Raw.P10, p.Raw.Median, row.Raw.Median/p.Raw.Median)
		}
	}
	if apart := r.apart(); len(apart) > 0 {
		p := apart[0]
		fmt.Fprintf(out, "%d of the peers' %d figures are of nothing that was measured; the first: %s, %s, %s\n",
			len(apart), len(r.Peers), p.Name, p.NF, title(p.Scenario))
	}
	for _, row := range r.Rows {
		if row.Impossible != "" {
			fmt.Fprintf(out, "not measured: %s, %s: %s\n", row.NF, title(row.Scenario), row.Impossible)
		}
	}
	for _, row := range r.Rows {
		if l := row.Latency; l != nil && l.Switches > 0 {
			fmt.Fprintf(out, "%s, %s: %d of %d bursts met an involuntary switch; with them p99.9 is %.1f us, max %.1f us\n",
				row.NF, title(row.Scenario), l.All.Bursts-l.Undisturbed.Bursts, l.All.Bursts,
				float64(l.All.P999)/1000, float64(l.All.Max)/1000)
		}
	}
}

// size is a number of bytes in the unit that fits.
func size(bytes int) string {
	if bytes >= 1<<20 {
		return strconv.Itoa(bytes>>20) + " MB"
	}
	return strconv.Itoa(bytes>>10) + " KB"
}

// columns of the CSV form. The first peerColumns are those of a file of peers' figures.
var columns = []string{
	"name", "nf", "io", "traffic", "turnovers", "frame", "entries", "burst", "min", "p10", "median",
	"net_min", "net_p10", "net_median", "harness_min", "harness_p10", "harness_median",
	"to_nop_min", "to_nop_median", "to_nop_max", "to_harness_min", "to_harness_median", "to_harness_max",
	"p50_ns", "p99_ns", "p99.9_ns", "p99.99_ns", "max_ns", "all_p99.9_ns", "all_max_ns", "switches",
	"allocations", "rounds", "chunks", "impossible",
}

// CSV writes the report as comma-separated values with a header.
func (r *Report) CSV(out io.Writer) error {
	w := csv.NewWriter(out)
	_ = w.Write(columns) // an error stays with the writer
	for _, row := range r.Rows {
		_ = w.Write(row.record())
	}
	w.Flush()
	return w.Error()
}

// record is a row's values in the order of the columns; those that were not measured are empty.
func (r *Row) record() []string {
	s := r.Scenario
	record := []string{ownName, r.NF, string(s.IO), string(s.Traffic)}
	for _, n := range []int{s.Turnovers, s.Frame, s.Entries, s.Burst} {
		record = append(record, strconv.Itoa(n))
	}
	if r.Impossible != "" {
		record = append(record, make([]string, len(columns)-len(record)-1)...)
		return append(record, r.Impossible)
	}
	for _, v := range []float64{
		r.Raw.Min, r.Raw.P10, r.Raw.Median, r.Net.Min, r.Net.P10, r.Net.Median,
		r.Harness.Min, r.Harness.P10, r.Harness.Median,
		r.ToNop.Min, r.ToNop.Median, r.ToNop.Max, r.ToHarness.Min, r.ToHarness.Median, r.ToHarness.Max,
	} {
		record = append(record, strconv.FormatFloat(v, 'f', 3, 64))
	}
	for _, n := range r.undisturbed() {
		record = append(record, strconv.FormatInt(n, 10))
	}
	for _, n := range []int64{
		r.Latency.All.P999, r.Latency.All.Max, r.Latency.Switches,
		r.Allocations, int64(len(r.rounds)), int64(r.Raw.Chunks),
	} {
		record = append(record, strconv.FormatInt(n, 10))
	}
	return append(record, "")
}

// ownName is the name of our own figures.
const ownName = "vigor"
