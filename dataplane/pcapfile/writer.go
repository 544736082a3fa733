package pcapfile

import (
	"encoding/binary"
	"io"

	"vigor/nf"
)

// Writer writes a pcap file with times in nanoseconds.
type Writer struct {
	out    io.Writer
	header [16]byte
}

// NewWriter writes the file header. The file is complete after each packet.
func NewWriter(out io.Writer) (*Writer, error) {
	header := binary.LittleEndian.AppendUint32(nil, magicNano)
	header = binary.LittleEndian.AppendUint16(header, 2)
	header = binary.LittleEndian.AppendUint16(header, 4)
	header = binary.LittleEndian.AppendUint64(header, 0) // time zone and accuracy, unused
	header = binary.LittleEndian.AppendUint32(header, maxPacket)
	header = binary.LittleEndian.AppendUint32(header, linkEthernet)
	_, err := out.Write(header)
	return &Writer{out: out}, err
}

// Write appends a packet. The format holds times before 2106.
func (w *Writer) Write(time nf.Time, frame []byte) error {
	binary.LittleEndian.PutUint32(w.header[0:], uint32(time/nf.Second))
	binary.LittleEndian.PutUint32(w.header[4:], uint32(time%nf.Second))
	binary.LittleEndian.PutUint32(w.header[8:], uint32(len(frame)))
	binary.LittleEndian.PutUint32(w.header[12:], uint32(len(frame)))
	if _, err := w.out.Write(w.header[:]); err != nil {
		return err
	}
	_, err := w.out.Write(frame)
	return err
}
