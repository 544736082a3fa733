package bus

// Network is what all drivers of network devices do, once their device is open. Buffers are those of one
// [Pool].
type Network interface {
	// Post gives the device a buffer to receive a frame in. It returns false if the device takes no more.
	Post(buffer uint32) bool
	// Received returns a buffer with a frame that has arrived, and the frame's length in bytes, if there is
	// one. Frames arrive in order.
	Received() (buffer, length uint32, ok bool)
	// Send gives the device a buffer with a frame to be sent, after those before. Nobody writes to the buffer
	// until it is returned, but several devices may be sending it. Send returns false if the device takes
	// no more.
	Send(buffer, length uint32) bool
	// Sent returns a buffer that was sent, if there is one, in any order.
	Sent() (buffer uint32, ok bool)
	// Flush has the device begin with what was posted and sent since the last call.
	Flush()
	// Problem says why the device does nothing any more, or is empty.
	Problem() string
}
