//go:build linux && dpdk && cgo

// What Go and C share. All of it lies in C memory; C keeps no pointer of Go's.
#ifndef VIGOR_DPDK_H
#define VIGOR_DPDK_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>

enum {
	VIGOR_DEVICES = 64,                     // nf.MaxDevices
	VIGOR_BURST = 64,                       // dataplane.MaxBurst
	VIGOR_SENDS = 128,                      // at least as many as a batch can hold
	VIGOR_HELD = VIGOR_BURST + VIGOR_SENDS, // received ones, then copies of foreign ones
};

// vigor_frame is a Go slice: C makes its capacity the length of the frame.
struct vigor_frame {
	uint8_t *data;
	intptr_t len, cap;
};

// vigor_send says by which devices to send a held buffer; none means to give it back.
struct vigor_send {
	uint64_t to;
	uint64_t held;
};

// vigor_queue collects what one device is to send in this exchange.
struct vigor_queue {
	uint32_t len;
	struct rte_mbuf *buffers[VIGOR_SENDS];
	uint8_t send[VIGOR_SENDS]; // which of the sends each buffer is
};

// vigor_io is all devices of one network function.
struct vigor_io {
	// From Go, for an exchange.
	uint32_t sends;
	bool same; // send[0].to is meant for all, and they are the buffers held first, in their order
	struct vigor_send send[VIGOR_SENDS];

	// To Go, from an exchange.
	uint32_t refusals;             // number of times that a device refused
	uint64_t refused[VIGOR_SENDS]; // by which devices each of the sends was refused, if any was
	uint32_t received, lost;
	int64_t now;                    // CLOCK_MONOTONIC in ns
	uint64_t unreported;            // the sum of missed
	uint64_t missed[VIGOR_DEVICES]; // frames that a device had no room for; Go subtracts what it reports
	struct vigor_frame frame[VIGOR_BURST];
	uint8_t from[VIGOR_BURST];      // the device of each frame
	uint8_t lost_from[VIGOR_BURST]; // and of each that could not be delivered

	// C's own.
	struct rte_mbuf *held[VIGOR_HELD]; // the buffers that Go has: those received, and copies or null
	struct rte_mempool *pool;
	unsigned lcore; // which per-core caches of DPDK's this io uses
	uint32_t devices;
	uint32_t first;               // the device to receive from first
	int64_t look_at, look_every;  // when to read the devices' counters next, and how often, in ns
	uint64_t seen[VIGOR_DEVICES]; // what each device had missed then
	uint64_t started;             // devices that can receive
	uint64_t in_place;            // devices whose reader gets the buffer itself
	uint16_t port[VIGOR_DEVICES];
	struct vigor_queue *queue; // by device
};

// device.c: a negative result is an errno.
int vigor_eal_start(int argc, char **argv);
int vigor_io_new(struct vigor_io **io, uint32_t devices);
int vigor_pool_new(struct vigor_io *io, uint32_t buffers, uint16_t room);
uint32_t vigor_pool_count(struct rte_mempool *pool);
int vigor_device_find(struct vigor_io *io, uint32_t d, const char *name, const char *args);
int vigor_device_start(struct vigor_io *io, uint32_t d, uint16_t descriptors, uint16_t max_frame);
int vigor_device_mac(struct vigor_io *io, uint32_t d, uint8_t mac[6]);
const char *vigor_device_driver(struct vigor_io *io, uint32_t d);
void vigor_device_stop(struct vigor_io *io, uint32_t d, bool keep);
void vigor_device_remove(const char *name);
void vigor_io_free(struct vigor_io *io);
int vigor_pair_new(const char *a, const char *b, uint32_t depth, struct rte_ring *rings[2]);
void vigor_ring_free(struct rte_ring *ring);

// exchange.c
void vigor_exchange(struct vigor_io *io, uint32_t room);
uint8_t *vigor_hold(struct vigor_io *io, uint32_t held, uint16_t len);

// measure.c
struct vigor_replay;
int vigor_replay_new(struct vigor_replay **replay, uint32_t frames, uint64_t bytes);
void vigor_replay_add(struct vigor_replay *replay, const uint8_t *frame, uint16_t len);
int vigor_replay_start(struct vigor_replay *replay, uint16_t port);
void vigor_replay_stop(struct vigor_replay *replay);
uint64_t vigor_baseline(struct vigor_io *io, uint32_t from, uint32_t to, uint16_t burst, uint64_t packets);

#endif
