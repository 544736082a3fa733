package bench

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"io"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Sizes in points.
const (
	width  = vg.Length(560) // of the chart
	margin = vg.Length(8)
	bar    = vg.Length(7) // thickness of one
)

// palette are the colours of the chart's series: ours first.
var palette = []color.Color{
	color.RGBA{0x1f, 0x4e, 0x79, 0xff}, color.RGBA{0xc5, 0x5a, 0x11, 0xff}, color.RGBA{0x7f, 0x7f, 0x7f, 0xff},
	color.RGBA{0xbf, 0x90, 0x00, 0xff}, color.RGBA{0x54, 0x82, 0x35, 0xff}, color.RGBA{0x70, 0x30, 0xa0, 0xff},
}

// Plot draws the report as an SVG chart: for each network function and scenario the tenth percentile of
// the time per packet, which moves less from run to run than the median; peers' bars are under ours. Beside
// each bar stands its length, and whose it is where there are several: nobody has to tell colours apart.
func (r *Report) Plot(out io.Writer) error {
	p, height, err := r.chart()
	if err != nil {
		return fmt.Errorf("drawing a chart: %w", err)
	}
	canvas := vgsvg.New(width, height)
	p.Draw(draw.Crop(draw.New(canvas), margin, -margin, margin, -margin))
	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return fmt.Errorf("drawing a chart: %w", err)
	}
	if _, err := out.Write(bytes.ReplaceAll(text.Bytes(), []byte(measured), []byte(alike))); err != nil {
		return fmt.Errorf("drawing a chart: %w", err)
	}
	return nil
}

// Texts are placed by the widths of one font. Where that is missing, one of the same widths is there instead.
const (
	measured = "font-family:Liberation Serif;"
	alike    = "font-family:Liberation Serif,Times New Roman,Times,Nimbus Roman,serif;"
)

// chart lays out the chart, which is as high as it has bars.
func (r *Report) chart() (*plot.Plot, vg.Length, error) {
	p := plot.New()
	p.Title.Text = "Time per packet, tenth percentile"
	p.X.Label.Text = "nanoseconds (" + r.Machine.CPU + ")"
	p.X.Min = 0
	p.Legend.Top = true
	rows := slices.DeleteFunc(slices.Clone(r.Rows), func(row *Row) bool { return row.Impossible != "" })
	slices.Reverse(rows) // the first at the top
	if len(rows) == 0 {
		return nil, 0, errors.New("nothing was measured")
	}
	names := r.series()
	for i, name := range names {
		chart, err := plotter.NewBarChart(r.values(name, rows), bar)
		if err != nil {
			return nil, 0, err
		}
		chart.Horizontal, chart.LineStyle.Width = true, 0
		chart.Color = palette[i%len(palette)]
		chart.Offset = bar * vg.Length(float64(len(names)-1)/2-float64(i))
		notes, err := beside(chart, r.notesOf(name, rows, len(names) > 1))
		if err != nil {
			return nil, 0, err
		}
		p.Add(chart, notes)
		p.Legend.Add(name, chart)
	}
	labels := make([]string, len(rows))
	for i, row := range rows {
		labels[i] = label(row)
	}
	p.NominalY(labels...)
	p.X.Max *= 1.25 // room for the legend
	grid := plotter.NewGrid()
	grid.Horizontal.Width = 0 // lines would cross the texts
	p.Add(grid)
	return p, vg.Length(len(rows))*bar*vg.Length(len(names)+1) + 90, nil
}

// beside writes a text at the end of each bar.
func beside(chart *plotter.BarChart, texts []string) (*plotter.Labels, error) {
	ends := make(plotter.XYs, len(chart.Values))
	for i, value := range chart.Values {
		ends[i] = plotter.XY{X: value, Y: float64(i)}
	}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: ends, Labels: texts})
	if err != nil {
		return nil, err
	}
	labels.Offset = vg.Point{X: 2, Y: chart.Offset}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Size = bar
		labels.TextStyle[i].YAlign = draw.YCenter
	}
	return labels, nil
}

// notesOf are the texts beside the bars of one series: the value, and the series' name if it is wanted.
func (r *Report) notesOf(name string, rows []*Row, named bool) []string {
	texts := make([]string, len(rows))
	for i, value := range r.values(name, rows) {
		switch {
		case value == 0: // no bar
		case named:
			texts[i] = fmt.Sprintf("%.0f %s", value, name)
		default:
			texts[i] = fmt.Sprintf("%.0f", value)
		}
	}
	return texts
}

// series are the names in the chart: ours, and the peers' who have a bar, in the order of their first figure.
func (r *Report) series() []string {
	names := []string{ownName}
	apart := r.apart()
	for _, p := range r.Peers {
		if !slices.Contains(names, p.Name) && !slices.Contains(apart, p) {
			names = append(names, p.Name)
		}
	}
	return names
}

// values are the figures of one series for each row, 0 where it has none.
func (r *Report) values(name string, rows []*Row) plotter.Values {
	values := make(plotter.Values, len(rows))
	for i, row := range rows {
		if name == ownName {
			values[i] = row.Raw.P10
			continue
		}
		for _, p := range r.peersOf(row) {
			if p.Name == name {
				values[i] = p.Raw.P10
			}
		}
	}
	return values
}

// label names a row by what differs from the base.
func label(row *Row) string {
	s := row.Scenario
	text := row.NF + ", " + string(s.Traffic)
	if s.Turnovers != Base.Turnovers {
		text += fmt.Sprintf(", %d turnovers", s.Turnovers)
	}
	if s.Frame != Base.Frame {
		text += fmt.Sprintf(", %d B", s.Frame)
	}
	if s.Entries != Base.Entries {
		text += fmt.Sprintf(", %d entries", s.Entries)
	}
	if s.Burst != Base.Burst {
		text += fmt.Sprintf(", burst %d", s.Burst)
	}
	return text
}
