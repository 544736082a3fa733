// Package virtionet has the kernel of an image start virtio network devices by the driver in driver/virtio.
package virtionet
