package pcapfile

import "io"

// pieces reads a stream in large pieces of memory. What it returns lies in there, so that a frame is
// copied by the kernel alone, and may be written to without changing the file.
//
// Mapping the file was measured, too: reading costs the same, but the first write to each page of a
// private mapping costs a copy of the page, 200 ns for each frame of 60 bytes; and a file that
// becomes shorter meanwhile kills the program. Nor can pipes be mapped.
type pieces struct {
	in      io.Reader
	piece   []byte
	at, end int      // of what is in the piece and has not been taken
	used    [][]byte // pieces before it from which something has been taken since release
	free    [][]byte
}

// pieceSize is the length of a piece in bytes; one read fills it, and it fits into a cache.
const pieceSize = 1 << 18

// take returns the next n bytes, or fewer with the error of the stream. They stay valid until release, or
// until something is taken after it.
func (p *pieces) take(n int) ([]byte, error) {
	var err error
	if p.end-p.at < n {
		err = p.fill(n)
	}
	n = min(n, p.end-p.at)
	taken := p.piece[p.at:][:n:n]
	p.at += n
	return taken, err
}

// fill reads until there are n bytes to take.
func (p *pieces) fill(n int) error {
	if p.at+n > len(p.piece) {
		p.turn(n)
	}
	got, err := io.ReadAtLeast(p.in, p.piece[p.end:], n-(p.end-p.at))
	p.end += got
	return err
}

// turn goes on in another piece, with room for n bytes.
func (p *pieces) turn(n int) {
	var next []byte
	switch last := len(p.free) - 1; {
	case n > pieceSize:
		next = make([]byte, n)
	case last >= 0:
		next, p.free = p.free[last], p.free[:last]
	default:
		next = make([]byte, pieceSize)
	}
	p.end = copy(next, p.piece[p.at:p.end])
	if p.piece != nil {
		p.used = append(p.used, p.piece)
	}
	p.piece, p.at = next, 0
}

// release says that nothing is used any more of what was taken, but for what was taken last.
func (p *pieces) release() {
	for _, piece := range p.used {
		if len(piece) == pieceSize {
			p.free = append(p.free, piece)
		}
	}
	p.used = p.used[:0]
}
