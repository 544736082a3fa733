package direct

import (
	"encoding/binary"
	"fmt"
	"os"
)

// Config is the configuration space of one PCI function, a file of Linux. For package pci it is all of
// a bus with this function in place 0, and with nobody in the others.
type Config struct {
	file *os.File
	err  error
}

// OpenConfig opens a file such as /sys/bus/pci/devices/0000:03:00.0/config.
func OpenConfig(name string) (*Config, error) {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening a device's configuration space: %w", err)
	}
	return &Config{file: file}, nil
}

// Load32 loads a register; all bits are 1 if there is none.
func (c *Config) Load32(offset uint32) uint32 {
	var word [4]byte
	if offset >= 256 {
		return 1<<32 - 1
	}
	if _, err := c.file.ReadAt(word[:], int64(offset)); err != nil {
		c.fail(err)
		return 1<<32 - 1
	}
	return binary.LittleEndian.Uint32(word[:])
}

// Store32 stores a register.
func (c *Config) Store32(offset, value uint32) {
	var word [4]byte
	binary.LittleEndian.PutUint32(word[:], value)
	if _, err := c.file.WriteAt(word[:], int64(offset)); err != nil {
		c.fail(err)
	}
}

// fail keeps the first error.
func (c *Config) fail(err error) {
	if c.err == nil {
		c.err = fmt.Errorf("accessing a device's configuration space: %w", err)
	}
}

// Close closes the file, and returns the first error of an access.
func (c *Config) Close() error {
	if err := c.file.Close(); c.err == nil && err != nil {
		c.err = fmt.Errorf("closing a device's configuration space: %w", err)
	}
	return c.err
}
