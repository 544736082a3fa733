package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vigor/dataplane"
	"vigor/dataplane/inspect"
	"vigor/dataplane/neighbour"
	"vigor/nf"
)

// reports are what can be asked for beside the entries of a table.
var reports = []string{"build", "counters", "devices", "neighbours", "tables", "values"}

// Reports lists the names of reports, sorted; whatever else is asked for is the name of a table.
func Reports() []string { return slices.Clone(reports) }

// errFull stops a scan when enough rows have been sent.
var errFull = errors.New("enough")

// sender sends rows and counts them.
type sender struct {
	send  func(Answer) error
	limit int // 0 for none
	end   End
}

// rows sends rows as far as the limit allows; errFull says that there are more.
func (s *sender) rows(rows [][]any) error {
	full := s.limit > 0 && s.end.Rows+len(rows) > s.limit
	if full {
		rows, s.end.More = rows[:s.limit-s.end.Rows], true
	}
	s.end.Rows += len(rows)
	if len(rows) > 0 {
		if err := s.send(Answer{Rows: rows}); err != nil {
			return err
		}
	}
	if full {
		return errFull
	}
	return nil
}

// report sends the whole answer to a request, or returns what is wrong.
func (s *Server) report(ctx context.Context, r Request, send func(Answer) error) error {
	out := &sender{send: send, limit: r.Limit}
	err := s.dispatch(ctx, r, out)
	if err != nil && !errors.Is(err, errFull) {
		return err
	}
	return send(Answer{End: &out.end})
}

func (s *Server) dispatch(ctx context.Context, r Request, out *sender) error {
	if r.Report != "table" && r.Table != "" {
		return fmt.Errorf("report %q is not of one table", r.Report)
	}
	switch r.Report {
	case "table":
		return s.entries(ctx, r.Table, out)
	case "tables":
		return s.tables(ctx, out)
	case "devices":
		return s.devices(ctx, out)
	case "counters":
		return s.counters(ctx, out)
	case "neighbours":
		return s.neighbours(ctx, out)
	case "values":
		return s.values(ctx, out)
	case "build":
		b := s.cfg.Build
		return out.all([]Column{{"function", Text}, {"outcome", Text}, {"identity", Text}, {"go", Text}},
			[][]any{{b.NF, b.Outcome, b.Hash, b.Go}})
	}
	return fmt.Errorf("there is no report %q: there are %s, and table", r.Report, strings.Join(reports, ", "))
}

// all sends a report that is known as a whole.
func (s *sender) all(columns []Column, rows [][]any) error {
	if err := s.send(Answer{Columns: columns}); err != nil {
		return err
	}
	return s.rows(rows)
}

// do has f called in each shard, in their order.
func (s *Server) do(ctx context.Context, f func(shard int, m inspect.Moment)) error {
	for i, live := range s.cfg.Live {
		if err := live.Do(ctx, func(m inspect.Moment) { f(i, m) }); err != nil {
			return shardError(i, err)
		}
	}
	return nil
}

func shardError(shard int, err error) error {
	return fmt.Errorf("shard %d: %w", shard, err)
}

func (s *Server) tables(ctx context.Context, out *sender) error {
	var rows [][]any
	err := s.do(ctx, func(shard int, m inspect.Moment) {
		for _, t := range m.Structures {
			var oldest any
			if age, ok := t.Age(m.Now); ok {
				oldest = age
			}
			rows = append(rows, []any{shard, t.Name, t.Kind(), t.Len(), t.Cap(), oldest, t.Expired()})
		}
	})
	if err != nil {
		return err
	}
	return out.all([]Column{{"shard", Number}, {"table", Text}, {"kind", Text}, {"entries", Number},
		{"capacity", Number}, {"oldest", Duration}, {"expired", Number}}, rows)
}

// values gives the fields of the function that are no tables and have names.
func (s *Server) values(ctx context.Context, out *sender) error {
	var rows [][]any
	err := s.do(ctx, func(shard int, m inspect.Moment) {
		for _, f := range m.Scalars {
			p := parts(f.Value.Type(), f.Name)[0]
			rows = append(rows, []any{shard, f.Name, p.show(f.Value, s.cfg.Live[shard].Devices)})
		}
	})
	if err != nil {
		return err
	}
	return out.all([]Column{{"shard", Number}, {"name", Text}, {"value", Text}}, rows)
}

// counts copies the counters of each shard.
func (s *Server) counts(ctx context.Context) ([]dataplane.Counters, error) {
	list := make([]dataplane.Counters, len(s.cfg.Live))
	return list, s.do(ctx, func(shard int, m inspect.Moment) { list[shard] = *m.Counters })
}

func (s *Server) devices(ctx context.Context, out *sender) error {
	list, err := s.counts(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for shard := range list {
		c := &list[shard]
		for d, name := range s.cfg.Live[shard].Devices {
			var dropped uint64
			for _, n := range c.Dropped[d] {
				dropped += n
			}
			rows = append(rows, []any{shard, d, name, c.Received[d], c.ReceivedBytes[d], c.Sent[d], c.SentBytes[d], dropped})
		}
	}
	return out.all([]Column{{"shard", Number}, {"device", Number}, {"interface", Text}, {"received", Number},
		{"received_bytes", Number}, {"sent", Number}, {"sent_bytes", Number}, {"dropped", Number}}, rows)
}

// neighbours gives who is known on the devices' networks, by device and address.
func (s *Server) neighbours(ctx context.Context, out *sender) error {
	var rows [][]any
	list := make([][]neighbour.Neighbour, len(s.cfg.Live))
	if s.cfg.Neighbours != nil {
		err := s.do(ctx, func(shard int, _ inspect.Moment) { list[shard] = s.cfg.Neighbours(shard) })
		if err != nil {
			return err
		}
	}
	for shard, known := range list {
		slices.SortFunc(known, func(a, b neighbour.Neighbour) int {
			return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Address, b.Address))
		})
		for _, n := range known {
			var mac any
			if !n.MAC.IsZero() {
				mac = n.MAC.String()
			}
			name := s.cfg.Live[shard].Devices[n.Device]
			rows = append(rows, []any{shard, name, n.Address.String(), mac, n.State, n.Age, n.Waiting})
		}
	}
	return out.all([]Column{{"shard", Number}, {"interface", Text}, {"address", Text}, {"station", Text},
		{"state", Text}, {"since", Duration}, {"waiting", Number}}, rows)
}

// counters gives why packets were dropped, where any were.
func (s *Server) counters(ctx context.Context, out *sender) error {
	list, err := s.counts(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for shard := range list {
		for d, name := range s.cfg.Live[shard].Devices {
			for i, n := range list[shard].Dropped[d] {
				if why := nf.Reason(i); n > 0 {
					rows = append(rows, []any{shard, d, name, why.String(), n, why.Doc()})
				}
			}
		}
	}
	return out.all([]Column{{"shard", Number}, {"device", Number}, {"interface", Text}, {"dropped", Text},
		{"packets", Number}, {"meaning", Text}}, rows)
}

// entries sends the entries of a table, step by step, shard after shard.
func (s *Server) entries(ctx context.Context, name string, out *sender) error {
	first := true
	for shard, live := range s.cfg.Live {
		err := live.Scan(ctx, name, func(step inspect.Step) error {
			columns, rows := render(shard, step, live.Devices)
			if first {
				first = false
				if err := out.send(Answer{Columns: columns}); err != nil {
					return err
				}
			}
			return out.rows(rows)
		})
		var unknown *inspect.UnknownError
		switch {
		case errors.As(err, &unknown) || errors.Is(err, errFull):
			return err
		case err != nil:
			return shardError(shard, err)
		}
	}
	return nil
}
