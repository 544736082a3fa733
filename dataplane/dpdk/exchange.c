//go:build linux && dpdk && cgo

// The data path: one call per burst sends what was decided and receives what has come.

#include "dpdk.h"

#include <string.h>
#include <time.h>

#include <rte_lcore.h>
#include <rte_prefetch.h>

// refuse notes that a device does not send the frame of a send.
static void refuse(struct vigor_io *io, uint32_t send, uint32_t d)
{
	if (io->refusals++ == 0)
		memset(io->refused, 0, sizeof io->refused);
	io->refused[send] |= UINT64_C(1) << d;
}

// enqueue has device d send a buffer, which is the device's from now on.
static inline void enqueue(struct vigor_io *io, uint32_t send, uint32_t d, struct rte_mbuf *m)
{
	struct vigor_queue *q = &io->queue[d];

	q->buffers[q->len] = m;
	q->send[q->len++] = (uint8_t)send;
}

// enqueue_all has each device of a set of two or more send the frame. They share the buffer and count
// its users, unless one of them hands the buffer on to somebody who may write to it: then each gets a
// copy of its own, the last one the original.
static void enqueue_all(struct vigor_io *io, uint32_t send, uint64_t to, struct rte_mbuf *m)
{
	bool copy = (to & io->in_place) != 0;

	for (; to & (to - 1); to &= to - 1) {
		uint32_t d = __builtin_ctzll(to);
		struct rte_mbuf *other = m;

		if (!copy)
			rte_mbuf_refcnt_update(m, 1);
		else if ((other = rte_pktmbuf_copy(m, io->pool, 0, UINT32_MAX)) == NULL) {
			refuse(io, send, d);
			continue;
		}
		enqueue(io, send, d, other);
	}
	enqueue(io, send, __builtin_ctzll(to), m);
}

// transmit hands buffers to a device, in order. The result is how many it took.
static uint32_t transmit(struct vigor_io *io, uint32_t d, struct rte_mbuf **buffers, uint32_t n)
{
	uint32_t sent = 0, more;

	do {
		more = rte_eth_tx_burst(io->port[d], 0, buffers + sent, n - sent);
		sent += more;
	} while (more > 0 && sent < n);
	return sent;
}

// flush hands a device its queue. What the device has no room for is refused and given back.
static void flush(struct vigor_io *io, uint32_t d)
{
	struct vigor_queue *q = &io->queue[d];

	for (uint32_t i = transmit(io, d, q->buffers, q->len); i < q->len; i++) {
		refuse(io, q->send[i], d);
		rte_pktmbuf_free(q->buffers[i]);
	}
	q->len = 0;
}

// send_same carries out sends that all go to one device, or nowhere, with the buffers in their order:
// as most bursts do.
static void send_same(struct vigor_io *io, uint64_t to)
{
	uint32_t first = 0;

	if (to != 0) {
		uint32_t d = __builtin_ctzll(to);

		first = transmit(io, d, io->held, io->sends);
		for (uint32_t i = first; i < io->sends; i++)
			refuse(io, i, d);
	}
	// What is unsent, and what Go has not named.
	rte_pktmbuf_free_bulk(io->held + first, io->received - first);
}

// send_each carries out sends one by one.
static void send_each(struct vigor_io *io)
{
	struct rte_mbuf *unsent[VIGOR_SENDS];
	uint32_t unsents = 0, named = 0;

	for (uint32_t i = 0; i < io->sends; i++) {
		const struct vigor_send *s = &io->send[i];
		struct rte_mbuf *m = io->held[s->held];

		io->held[s->held] = NULL;
		if (m == NULL)
			continue;
		named += s->held < VIGOR_BURST;
		if (s->to == 0)
			unsent[unsents++] = m;
		else if ((s->to & (s->to - 1)) == 0)
			enqueue(io, i, __builtin_ctzll(s->to), m);
		else
			enqueue_all(io, i, s->to, m);
	}
	for (uint32_t d = 0; d < io->devices; d++)
		if (io->queue[d].len > 0)
			flush(io, d);
	if (unsents > 0)
		rte_pktmbuf_free_bulk(unsent, unsents);
	if (named < io->received)
		rte_pktmbuf_free_bulk(io->held, io->received); // which skips null
}

// send_all carries out io->send. Afterwards no buffer is held: one that Go has not named is given back.
static void send_all(struct vigor_io *io)
{
	io->refusals = 0;
	if (io->same)
		send_same(io, io->send[0].to);
	else
		send_each(io);
	io->sends = 0;
	io->received = 0;
}

// own makes a buffer one that nobody else uses, by copying it if need be. It returns null, and has
// given the buffer back, if that fails or the frame lies in more than one buffer.
static struct rte_mbuf *own(struct vigor_io *io, struct rte_mbuf *m)
{
	struct rte_mbuf *copy = NULL;

	if (m->nb_segs == 1)
		copy = rte_pktmbuf_copy(m, io->pool, 0, UINT32_MAX);
	rte_pktmbuf_free(m);
	return copy;
}

// deliver takes the buffers from io->held[start] on, which device d has just received, into the burst,
// and closes the gaps that lost ones leave.
static void deliver(struct vigor_io *io, uint32_t d, uint32_t start, uint32_t n)
{
	uint32_t last = start;

	for (uint32_t i = start; i < start + n; i++) {
		struct rte_mbuf *m = io->held[i];

		if (unlikely(m->nb_segs != 1 || rte_mbuf_refcnt_read(m) != 1 || !RTE_MBUF_DIRECT(m)) &&
		    (m = own(io, m)) == NULL) {
			io->lost_from[io->lost++] = (uint8_t)d;
			continue;
		}
		io->held[last] = m;
		io->frame[last].data = rte_pktmbuf_mtod(m, uint8_t *);
		io->frame[last].len = io->frame[last].cap = m->data_len;
		io->from[last++] = (uint8_t)d;
		rte_prefetch0(rte_pktmbuf_mtod(m, void *));
	}
	io->received = last;
}

// receive_all asks each device once, another one first each time, so that none is starved.
static void receive_all(struct vigor_io *io, uint32_t room)
{
	uint32_t d = io->first;

	io->lost = 0;
	for (uint32_t asked = 0; asked < io->devices && io->received + io->lost < room; asked++) {
		uint32_t start = io->received;
		uint16_t n = rte_eth_rx_burst(io->port[d], 0, io->held + start, room - start - io->lost);

		if (n > 0)
			deliver(io, d, start, n);
		if (++d == io->devices)
			d = 0;
	}
	if (++io->first >= io->devices)
		io->first = 0;
}

// monotonic is the time in ns.
static int64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

// look finds out how many frames the devices had no room or no buffer for since the last look.
static void look(struct vigor_io *io)
{
	struct rte_eth_stats stats;

	for (uint32_t d = 0; d < io->devices; d++) {
		if (rte_eth_stats_get(io->port[d], &stats) != 0)
			continue;
		stats.imissed += stats.rx_nombuf;
		if (stats.imissed > io->seen[d]) {
			io->missed[d] += stats.imissed - io->seen[d];
			io->unreported += stats.imissed - io->seen[d];
		}
		io->seen[d] = stats.imissed; // which may be less than before: others can reset it
	}
	io->look_at = io->now + io->look_every;
}

// vigor_exchange sends io->send[0] to io->send[io->sends-1], then receives up to room frames. It looks
// at the devices' counters from time to time only, since that takes a card some microseconds.
//
// DPDK keeps caches per lcore, an index that a thread has. The index of this io is reserved for it,
// and the thread takes it on for the length of the call: a goroutine may use another thread for the
// next call, but one thread at a time is in here with this io.
void vigor_exchange(struct vigor_io *io, uint32_t room)
{
	unsigned before = RTE_PER_LCORE(_lcore_id);

	RTE_PER_LCORE(_lcore_id) = io->lcore;
	send_all(io);
	receive_all(io, RTE_MIN(room, (uint32_t)VIGOR_BURST));
	io->now = monotonic();
	if (io->now >= io->look_at)
		look(io);
	RTE_PER_LCORE(_lcore_id) = before;
}

// vigor_hold returns memory for a foreign frame, in a buffer that becomes io->held[held]; null if there
// is none, or none of this size.
uint8_t *vigor_hold(struct vigor_io *io, uint32_t held, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(io->pool);
	uint8_t *data = m == NULL ? NULL : (uint8_t *)rte_pktmbuf_append(m, len);

	if (data == NULL)
		rte_pktmbuf_free(m);
	else
		io->held[held] = m;
	return data;
}
