//go:build linux && dpdk && cgo

// What measurements need: traffic out of memory, and the same work done in C.

#include "dpdk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memcpy.h>

// vigor_replay are frames, one after another in memory, that a device receives in turn.
struct vigor_replay {
	const struct rte_eth_rxtx_callback *callback;
	uint16_t port;
	uint32_t frames, next;
	uint8_t *end; // of the last frame added
	struct {
		uint8_t *data;
		uint16_t len;
	} frame[];
};

// vigor_replay_new makes room for a number of frames, of so many bytes in all.
int vigor_replay_new(struct vigor_replay **replay, uint32_t frames, uint64_t bytes)
{
	struct vigor_replay *r = calloc(1, sizeof *r + frames * sizeof r->frame[0] + bytes);

	if (r == NULL)
		return -ENOMEM;
	r->end = (uint8_t *)&r->frame[frames];
	*replay = r;
	return 0;
}

// vigor_replay_add copies a frame behind the others.
void vigor_replay_add(struct vigor_replay *r, const uint8_t *frame, uint16_t len)
{
	r->frame[r->frames].data = memcpy(r->end, frame, len);
	r->frame[r->frames++].len = len;
	r->end += len;
}

// overwrite replaces what a device has received by the next frames; DPDK calls it.
static uint16_t overwrite(uint16_t port, uint16_t queue, struct rte_mbuf *m[], uint16_t n, uint16_t max, void *arg)
{
	struct vigor_replay *r = arg;

	(void)port, (void)queue, (void)max;
	for (uint16_t i = 0; i < n; i++) {
		uint16_t len = r->frame[r->next].len;

		rte_memcpy(rte_pktmbuf_mtod(m[i], void *), r->frame[r->next].data, len);
		m[i]->data_len = len;
		m[i]->pkt_len = len;
		if (++r->next == r->frames)
			r->next = 0;
	}
	return n;
}

// vigor_replay_start has a device receive the frames in place of whatever it does receive.
int vigor_replay_start(struct vigor_replay *r, uint16_t port)
{
	r->port = port;
	r->callback = rte_eth_add_rx_callback(port, 0, overwrite, r);
	return r->callback == NULL ? -ENOTSUP : 0;
}

// vigor_replay_stop ends that. The device is not in use.
void vigor_replay_stop(struct vigor_replay *r)
{
	if (r->callback != NULL && rte_eth_remove_rx_callback(r->port, 0, r->callback) == 0)
		rte_free((void *)(uintptr_t)r->callback);
	free(r);
}

// vigor_baseline forwards at least so many packets from one device to another, as plainly as DPDK
// allows: a burst is received, the clock read, each header looked at, the burst sent. It returns the
// number of packets sent, which is smaller if nothing arrives any more.
uint64_t vigor_baseline(struct vigor_io *io, uint32_t from, uint32_t to, uint16_t burst, uint64_t packets)
{
	unsigned before = RTE_PER_LCORE(_lcore_id);
	struct rte_mbuf *m[VIGOR_BURST];
	struct timespec now;
	uint64_t total = 0;

	RTE_PER_LCORE(_lcore_id) = io->lcore;
	for (int idle = 0; total < packets && idle < 1000000; idle++) {
		uint16_t n = rte_eth_rx_burst(io->port[from], 0, m, burst), whole = 0, sent;

		if (n == 0)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		for (uint16_t i = 0; i < n; i++)
			if (likely(m[i]->nb_segs == 1))
				m[whole++] = m[i];
			else
				rte_pktmbuf_free(m[i]);
		sent = rte_eth_tx_burst(io->port[to], 0, m, whole);
		rte_pktmbuf_free_bulk(m + sent, whole - sent);
		total += sent;
		idle = 0;
	}
	RTE_PER_LCORE(_lcore_id) = before;
	return total;
}
