package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// decode reads one line of an answer; numbers stay exact.
func decode(line []byte) (Answer, error) {
	var a Answer
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("the answer cannot be read: %w", err)
	}
	return a, nil
}

// Printer writes answers, as they come: as columns for people, or as JSON, one object per row.
type Printer struct {
	Out  io.Writer
	JSON bool

	columns []Column
	widths  []int
	headed  bool // the names of the columns have been written
}

// Print writes one answer.
func (p *Printer) Print(a Answer) error {
	if a.Columns != nil {
		p.columns, p.widths, p.headed = a.Columns, make([]int, len(a.Columns)), false
		if !p.JSON {
			for i, c := range a.Columns {
				p.widths[i] = len(c.Name)
			}
		}
	}
	for _, row := range a.Rows {
		if len(row) != len(p.columns) {
			return errors.New("the answer cannot be read: a row does not fit the columns")
		}
	}
	if p.JSON {
		return p.objects(a.Rows)
	}
	if err := p.text(a); err != nil {
		return err
	}
	if a.End != nil && a.End.More {
		_, err := fmt.Fprintf(p.Out, "… and more: --limit %d is reached, --limit 0 shows all\n", a.End.Rows)
		return err
	}
	return nil
}

// text writes rows in columns as wide as anything seen so far, their names before the first.
func (p *Printer) text(a Answer) error {
	var lines [][]string
	if !p.headed && (a.Rows != nil || a.End != nil) {
		p.headed = true
		var head []string
		for _, c := range p.columns {
			head = append(head, c.Name)
		}
		lines = append(lines, head)
	}
	for _, row := range a.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = shown(p.columns[i].Kind, v)
			p.widths[i] = max(p.widths[i], utf8.RuneCountInString(cells[i]))
		}
		lines = append(lines, cells)
	}
	var out strings.Builder
	for _, cells := range lines {
		p.line(&out, cells)
	}
	_, err := io.WriteString(p.Out, out.String())
	return err
}

// line writes one line; numbers and durations are aligned to the right, and the last column ends where
// its text ends.
func (p *Printer) line(out *strings.Builder, cells []string) {
	for i, cell := range cells {
		space := strings.Repeat(" ", p.widths[i]-utf8.RuneCountInString(cell))
		switch {
		case p.columns[i].Kind != Text:
			out.WriteString(space + cell)
		case i < len(cells)-1:
			out.WriteString(cell + space)
		default:
			out.WriteString(cell)
		}
		if i < len(cells)-1 {
			out.WriteString("  ")
		}
	}
	out.WriteByte('\n')
}

// shown is a value for people.
func shown(kind Kind, v any) string {
	if v == nil {
		return "-"
	}
	if number, ok := v.(json.Number); ok && kind == Duration {
		if ns, err := number.Int64(); err == nil {
			return duration(time.Duration(ns))
		}
	}
	return printable(fmt.Sprint(v))
}

// duration is a time to three digits or so.
func duration(d time.Duration) string {
	switch {
	case d >= 100*time.Second:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// printable leaves out what could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
}

// objects writes a JSON object per row, with the columns as keys in their order; durations are seconds.
func (p *Printer) objects(rows [][]any) error {
	var out bytes.Buffer
	for _, row := range rows {
		out.WriteByte('{')
		for i, v := range row {
			name := p.columns[i].Name
			if p.columns[i].Kind == Duration {
				name += "_seconds"
				if number, ok := v.(json.Number); ok {
					ns, err := number.Float64()
					if err != nil {
						return err
					}
					v = ns / 1e9
				}
			}
			key, _ := json.Marshal(name)
			value, err := json.Marshal(v)
			if err != nil {
				return err
			}
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(key)
			out.WriteByte(':')
			out.Write(value)
		}
		out.WriteString("}\n")
	}
	_, err := p.Out.Write(out.Bytes())
	return err
}
