package bus

const (
	// Headroom is the number of bytes before the frame in a buffer; a driver puts there what its device
	// wants in front of a frame.
	Headroom = 64
	// MaxFrame is the length in bytes of the longest frame that a buffer holds, without FCS. Devices write
	// at most so many.
	MaxFrame = 2048
	// BufferSize is the size of a buffer in bytes.
	BufferSize = Headroom + MaxFrame
)

// Buffer holds one frame, from byte Headroom on.
type Buffer [BufferSize]byte

// Pool is the memory for frames, shared by all devices of one network function. A buffer is named by its
// index. Who may touch a buffer, the caller or a device, follows from the calls to the drivers: each
// says when a buffer becomes the device's, and when it is the caller's again.
type Pool struct {
	Buffers []Buffer
	Address uint64 // bus address of Buffers[0]
}

// At is the bus address of the frame of a buffer.
func (p *Pool) At(buffer uint32) uint64 {
	return p.Address + uint64(buffer)*BufferSize + Headroom
}

// Frame is the frame of a buffer, which has a length of at most MaxFrame; there is no capacity behind it.
func (p *Pool) Frame(buffer, length uint32) []byte {
	end := Headroom + min(length, MaxFrame)
	return p.Buffers[buffer][Headroom:end:end]
}
