package model

import "vigor/driver/world"

// rule is the number of one thing that a driver must do, or must not.
type rule uint8

// What is enforced, in the order of [Rules].
const (
	unknownRegister rule = iota
	readOnlyRegister
	writeOnlyRegister
	identityFirst
	resetFirst
	resetComplete
	statusBits
	statusCleared
	statusOrder
	givenUp
	selectDeviceFeatures
	selectDriverFeatures
	featuresPhase
	featureNotOffered
	featureNeeded
	featureUnknown
	featuresReread
	queuePhase
	noSuchQueue
	queueSizeRange
	queueSizePower
	queueEnabled
	readyValue
	queueComplete
	queueAlignment
	queuePlace
	queueFresh
	queuesReady
	notifyPhase
	notifyQueue
	availableFlags
	availableJump
	slotRange
	slotExposed
	descriptorFlags
	descriptorDirection
	descriptorPlace
	bufferOwned
	receiveLength
	sendHeader
	headerFlags
	headerSegmentation
	headerBuffers
	bufferChanged
	descriptorChanged
	accessSize
	commonReadOnly
	commonUnknown
	enableZero
	doorbellPlace
	memoryOff
	masterOff
	commandBits
	configReadOnly
	rules
)

// Rules are all rules that the model enforces. Clauses are sections of virtio 1.2 if nothing else is said.
var Rules = [rules]world.Rule{
	unknownRegister:      {Clause: "virtio 4.2.2.2", Text: "only the registers of the table are accessed, as aligned words"},
	readOnlyRegister:     {Clause: "virtio 4.2.2.2", Text: "a register that is only read is not written"},
	writeOnlyRegister:    {Clause: "virtio 4.2.2.2", Text: "a register that is only written is not read"},
	identityFirst:        {Clause: "virtio 4.2.3.1.1", Text: "MagicValue, Version and DeviceID are read before another register is used"},
	resetFirst:           {Clause: "virtio 3.1.1", Text: "the device is reset before it is used"},
	resetComplete:        {Clause: "virtio 2.4.2, 4.1.4.3.2", Text: "after a reset, the status is read as 0 before anything else"},
	statusBits:           {Clause: "virtio 2.1", Text: "only bits of the status are set that are the driver's"},
	statusCleared:        {Clause: "virtio 2.1.1", Text: "no bit of the status is cleared but by a reset"},
	statusOrder:          {Clause: "virtio 3.1.1", Text: "ACKNOWLEDGE, DRIVER, FEATURES_OK, DRIVER_OK are set in this order, each by a write of its own"},
	givenUp:              {Clause: "virtio 2.1.1", Text: "after FAILED, the device is reset before it is initialized again"},
	selectDeviceFeatures: {Clause: "virtio 4.2.2.2", Text: "DeviceFeaturesSel is written before DeviceFeatures is read"},
	selectDriverFeatures: {Clause: "virtio 4.2.2.2", Text: "DriverFeaturesSel is written before DriverFeatures is"},
	featuresPhase:        {Clause: "virtio 3.1.1", Text: "features are written after DRIVER and before FEATURES_OK"},
	featureNotOffered:    {Clause: "virtio 2.2.1", Text: "no feature is accepted that the device does not offer"},
	featureNeeded:        {Clause: "virtio 6.1", Text: "VIRTIO_F_VERSION_1 is accepted"},
	featureUnknown:       {Clause: "virtio 2.2.1", Text: "no feature is accepted that this model does not have"},
	featuresReread:       {Clause: "virtio 3.1.1", Text: "after FEATURES_OK is set, the status is read, and shows it, before the driver goes on"},
	queuePhase:           {Clause: "virtio 3.1.1", Text: "queues are set up after FEATURES_OK and before DRIVER_OK"},
	noSuchQueue:          {Clause: "virtio 5.1.2", Text: "a network device without further features has queues 0 and 1"},
	queueSizeRange:       {Clause: "virtio 4.2.2.2", Text: "QueueSize is at least 1 and at most QueueSizeMax"},
	queueSizePower:       {Clause: "virtio 2.7, 4.1.4.3.2", Text: "the size of a queue is a power of two"},
	queueEnabled:         {Clause: "virtio 4.2.2.2", Text: "size and addresses of a queue are left alone while it is ready"},
	readyValue:           {Clause: "virtio 4.2.2", Text: "QueueReady is written as 1 to start a queue"},
	queueComplete:        {Clause: "virtio 4.1.4.3.2", Text: "size and addresses of a queue are written before it is made ready"},
	queueAlignment:       {Clause: "virtio 2.7.1", Text: "the parts of a queue are aligned to 16, 2 and 4 bytes"},
	queuePlace:           {Clause: "virtio 2.7", Text: "the parts of a queue lie in memory for it, and belong to no other queue"},
	queueFresh:           {Clause: "virtio 2.7.6, 2.7.10.1", Text: "a queue starts with idx 0 in both rings, and with used flags 0"},
	queuesReady:          {Clause: "virtio 3.1.1", Text: "both queues are ready before DRIVER_OK"},
	notifyPhase:          {Clause: "virtio 3.1.1", Text: "no queue is notified before DRIVER_OK"},
	notifyQueue:          {Clause: "virtio 4.2.3.3, 4.1.5.2", Text: "a notification names one of the device's queues"},
	availableFlags:       {Clause: "virtio 2.7.7.1", Text: "flags of the available ring are 0 or 1"},
	availableJump:        {Clause: "virtio 2.7.6.1, 2.7.13.3", Text: "idx of the available ring grows by the descriptors that are offered, which the queue has room for"},
	slotRange:            {Clause: "virtio 2.7.6", Text: "slots of the available ring hold descriptors of the queue"},
	slotExposed:          {Clause: "virtio 3.3.1", Text: "a descriptor that the device has is not offered again"},
	descriptorFlags:      {Clause: "virtio 2.7.5, 2.7.5.3.1", Text: "a descriptor has no flags but that for its direction"},
	descriptorDirection:  {Clause: "virtio 2.7.4.2, 2.7.5", Text: "descriptors are for the device to write in the receive queue, and to read in the transmit queue"},
	descriptorPlace:      {Clause: "virtio 2.7.5", Text: "a descriptor's bytes lie within one buffer, and are not none"},
	bufferOwned:          {Clause: "virtio 2.7.13", Text: "a buffer that the device writes is offered to it once"},
	receiveLength:        {Clause: "virtio 5.1.6.3.1", Text: "a receive buffer has room for 1526 bytes"},
	sendHeader:           {Clause: "virtio 5.1.6.2.1", Text: "a frame that is sent has a header of 12 bytes before it"},
	headerFlags:          {Clause: "virtio 5.1.6.2.1", Text: "flags of the header are 0 without VIRTIO_NET_F_CSUM"},
	headerSegmentation:   {Clause: "virtio 5.1.6.2.1", Text: "gso_type of the header is NONE without segmentation offloads"},
	headerBuffers:        {Clause: "virtio 5.1.6.2.1", Text: "num_buffers of the header is 0 in a frame that is sent"},
	bufferChanged:        {Clause: "virtio 3.3.1", Text: "a buffer that the device has is not written"},
	descriptorChanged:    {Clause: "virtio 3.3.1", Text: "a descriptor that the device has is not changed"},
	accessSize:           {Clause: "virtio 4.1.3.1", Text: "a field is accessed in its own size, and aligned"},
	commonReadOnly:       {Clause: "virtio 4.1.4.3.2", Text: "device_feature, num_queues, config_generation and queue_notify_off are not written"},
	commonUnknown:        {Clause: "virtio 4.1.4.1", Text: "only memory of the structures that are needed is accessed"},
	enableZero:           {Clause: "virtio 4.1.4.3.2", Text: "queue_enable is written as 1 only"},
	doorbellPlace:        {Clause: "virtio 4.1.4.4, 4.1.5.2", Text: "a queue is notified at its own offset"},
	memoryOff:            {Clause: "PCI 3.0 6.2.2", Text: "memory of a function is accessed after Memory Space is enabled"},
	masterOff:            {Clause: "PCI 3.0 6.2.2", Text: "a function is made Bus Master before it has to access memory"},
	commandBits:          {Clause: "PCI 3.0 6.2.2, 6.2.3", Text: "only Memory Space, Bus Master and Interrupt Disable are changed, and no bit of the status is cleared"},
	configReadOnly:       {Clause: "virtio 4.1.4.1; PCI 3.0 6.1", Text: "no other register of the configuration space is written, and it is read as aligned words"},
}
