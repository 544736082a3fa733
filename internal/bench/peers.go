package bench

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"vigor/dataplane/bench"
)

// Peer is a figure of somebody else: how long an implementation of a network function took per packet.
type Peer struct {
	Name     string         `json:"name"`
	NF       string         `json:"nf"`
	Scenario bench.Scenario `json:"scenario"` // its Ring is 0: any
	Raw      Summary        `json:"raw"`
}

// peerColumns are those of the CSV form that a file of peers' figures must have.
const peerColumns = 11

// ReadPeers reads figures from a file of comma-separated values. Its first line names the columns, in any
// order:
//
//	name,nf,io,traffic,turnovers,frame,entries,burst,min,p10,median
//
// The last three are nanoseconds per packet, the others say what was measured in the words and units
// of a [bench.Scenario]. The other columns of [Report.CSV] may be there and mean nothing, so that
// what an earlier run has written can be compared with, under the name "vigor, earlier". A line without a median is skipped. Each error
// has line and column.
func ReadPeers(name string) ([]Peer, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading peers' figures: %w", err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	p := &peerReader{name: name, csv: r}
	if p.header, err = r.Read(); err != nil {
		return nil, p.broken(err)
	}
	if err := p.checkHeader(); err != nil {
		return nil, err
	}
	var peers []Peer
	for {
		p.record, err = r.Read()
		if errors.Is(err, io.EOF) {
			return peers, nil
		}
		if err != nil {
			return nil, p.broken(err)
		}
		if p.field("median") == "" {
			continue
		}
		peer, err := p.peer()
		if err != nil {
			return nil, err
		}
		peers = append(peers, peer)
	}
}

// peerReader reads one line after another.
type peerReader struct {
	name           string
	csv            *csv.Reader
	header, record []string
}

// broken reports what is no CSV.
func (p *peerReader) broken(err error) error {
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s:1:1: the file is empty: its first line must be %s", p.name, strings.Join(columns[:peerColumns], ","))
	case errors.As(err, &wrong):
		return fmt.Errorf("%s:%d:%d: not comma-separated values: %w", p.name, wrong.Line, wrong.Column, wrong.Err)
	}
	return fmt.Errorf("reading peers' figures from %s: %w", p.name, err)
}

// fail reports what is wrong with a field of the current line.
func (p *peerReader) fail(field int, format string, args ...any) error {
	line, column := p.csv.FieldPos(field)
	return fmt.Errorf("%s:%d:%d: %s", p.name, line, column, fmt.Sprintf(format, args...))
}

func (p *peerReader) checkHeader() error {
	for i, column := range p.header {
		if !slices.Contains(columns, column) {
			return p.fail(i, "unknown column %q: there must be %s", column, strings.Join(columns[:peerColumns], ", "))
		}
		if slices.Contains(p.header[:i], column) {
			return p.fail(i, "column %s comes twice", column)
		}
	}
	for _, column := range columns[:peerColumns] {
		if !slices.Contains(p.header, column) {
			return p.fail(0, "column %s is missing: there must be %s", column, strings.Join(columns[:peerColumns], ", "))
		}
	}
	return nil
}

// field is the text of a column in the current line.
func (p *peerReader) field(column string) string { return p.record[slices.Index(p.header, column)] }

// peer reads the current line.
func (p *peerReader) peer() (peer Peer, err error) {
	peer.Name, peer.NF = p.field("name"), p.field("nf")
	for _, column := range []string{"name", "nf"} {
		if p.field(column) == "" {
			return peer, p.fail(slices.Index(p.header, column), "%s is empty", column)
		}
	}
	if peer.Name == ownName {
		peer.Name = ownName + ", earlier"
	}
	s := &peer.Scenario
	if err := s.IO.UnmarshalText([]byte(p.field("io"))); err != nil {
		return peer, p.fail(slices.Index(p.header, "io"), "%v", err)
	}
	if err := s.Traffic.UnmarshalText([]byte(p.field("traffic"))); err != nil {
		return peer, p.fail(slices.Index(p.header, "traffic"), "%v", err)
	}
	for column, into := range map[string]*int{
		"turnovers": &s.Turnovers, "frame": &s.Frame, "entries": &s.Entries, "burst": &s.Burst,
	} {
		n, e := strconv.ParseUint(p.field(column), 10, 31)
		if e != nil {
			err = errors.Join(err, p.fail(slices.Index(p.header, column), "%s: %q: expected a number", column, p.field(column)))
		}
		*into = int(n)
	}
	for column, into := range map[string]*float64{"min": &peer.Raw.Min, "p10": &peer.Raw.P10, "median": &peer.Raw.Median} {
		v, e := strconv.ParseFloat(p.field(column), 64)
		if e != nil || !(v > 0 && v < 1e9) {
			err = errors.Join(err, p.fail(slices.Index(p.header, column),
				"%s: %q: expected nanoseconds per packet, such as 41.5", column, p.field(column)))
		}
		*into = v
	}
	return peer, err
}

// apart are the peers' figures about nothing that was measured.
func (r *Report) apart() []Peer {
	return slices.DeleteFunc(slices.Clone(r.Peers), func(p Peer) bool {
		return slices.ContainsFunc(r.Rows, func(row *Row) bool { return row.Impossible == "" && p.isOf(row) })
	})
}

// isOf reports whether a figure is about a row's network function in its scenario.
func (p *Peer) isOf(row *Row) bool {
	scenario := row.Scenario
	scenario.Ring = 0
	return p.NF == row.NF && p.Scenario == scenario
}

// peersOf are the figures about a row's network function in its scenario.
func (r *Report) peersOf(row *Row) []Peer {
	var list []Peer
	for _, p := range r.Peers {
		if p.isOf(row) {
			list = append(list, p)
		}
	}
	return list
}
