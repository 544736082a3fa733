//go:build linux && dpdk && cgo

// Starting DPDK, opening and closing devices. Functions that return an int return a negative
// errno if they fail.

#include "dpdk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_lcore.h>
#include <rte_log.h>

// failure is the error that DPDK has left behind.
static int failure(void)
{
	return rte_errno > 0 ? -rte_errno : -EIO;
}

// vigor_eal_start starts the environment, with its messages on standard error.
int vigor_eal_start(int argc, char **argv)
{
	rte_openlog_stream(stderr);
	return rte_eal_init(argc, argv) < 0 ? failure() : 0;
}

// vigor_io_new returns an io without devices. It reserves an lcore index for it: to do that, the
// calling thread, which must have none, takes one on and then forgets it.
int vigor_io_new(struct vigor_io **io, uint32_t devices)
{
	struct vigor_io *new = calloc(1, sizeof *new);

	if (new == NULL)
		return -ENOMEM;
	new->queue = calloc(devices, sizeof *new->queue);
	if (new->queue == NULL || rte_thread_register() != 0) {
		int result = new->queue == NULL ? -ENOMEM : failure();

		free(new->queue);
		free(new);
		return result;
	}
	new->devices = devices;
	new->look_every = 1000000000;
	new->lcore = rte_lcore_id();
	RTE_PER_LCORE(_lcore_id) = LCORE_ID_ANY;
	*io = new;
	return 0;
}

// vigor_pool_new gives an io its pool, of buffers that hold frames of up to room bytes.
int vigor_pool_new(struct vigor_io *io, uint32_t buffers, uint16_t room)
{
	static uint32_t number;
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof name, "vigor%u", number++);
	io->pool = rte_pktmbuf_pool_create(name, buffers, RTE_MIN(256U, buffers / 4), 0,
		RTE_PKTMBUF_HEADROOM + room, SOCKET_ID_ANY);
	return io->pool == NULL ? failure() : 0;
}

// vigor_pool_count is the number of buffers in a pool, caches included. DPDK's own function says that a
// pool is full if it has more than all, and so hides a buffer that was given back twice.
uint32_t vigor_pool_count(struct rte_mempool *pool)
{
	uint32_t count = rte_mempool_get_ops(pool->ops_index)->get_count(pool);

	for (unsigned lcore = 0; pool->cache_size > 0 && lcore < RTE_MAX_LCORE; lcore++)
		count += pool->local_cache[lcore].len;
	return count;
}

// vigor_device_find finds a device by its name, and returns 1, or else probes it, and returns 0.
int vigor_device_find(struct vigor_io *io, uint32_t d, const char *name, const char *args)
{
	int result;

	if (rte_eth_dev_get_port_by_name(name, &io->port[d]) == 0)
		return 1;
	result = rte_dev_probe(args);
	if (result < 0)
		return result;
	return rte_eth_dev_get_port_by_name(name, &io->port[d]) == 0 ? 0 : -ENODEV;
}

// vigor_device_start configures a device, which must not be in use, with one queue in each direction
// and no offloads, and starts it. It receives whatever is on the wire, if its driver can do that.
int vigor_device_start(struct vigor_io *io, uint32_t d, uint16_t descriptors, uint16_t max_frame)
{
	uint16_t port = io->port[d], receive = descriptors, transmit = descriptors;
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	int result;

	if ((result = rte_eth_dev_info_get(port, &info)) < 0 ||
	    (result = rte_eth_dev_configure(port, 1, 1, &conf)) < 0)
		return result;
	if (max_frame > RTE_ETHER_MAX_VLAN_FRAME_LEN - RTE_ETHER_CRC_LEN &&
	    (result = rte_eth_dev_set_mtu(port, max_frame - RTE_ETHER_HDR_LEN - RTE_VLAN_HLEN)) < 0 &&
	    result != -ENOTSUP)
		return result;
	if ((result = rte_eth_dev_adjust_nb_rx_tx_desc(port, &receive, &transmit)) < 0 ||
	    (result = rte_eth_rx_queue_setup(port, 0, receive, SOCKET_ID_ANY, NULL, io->pool)) < 0 ||
	    (result = rte_eth_tx_queue_setup(port, 0, transmit, SOCKET_ID_ANY, NULL)) < 0 ||
	    (result = rte_eth_dev_start(port)) < 0)
		return result;
	io->started |= UINT64_C(1) << d;
	result = rte_eth_promiscuous_enable(port);
	if (strcmp(info.driver_name, "net_ring") == 0)
		io->in_place |= UINT64_C(1) << d;
	return result == -ENOTSUP ? 0 : result;
}

// vigor_device_mac reads the Ethernet address of a device.
int vigor_device_mac(struct vigor_io *io, uint32_t d, uint8_t mac[6])
{
	struct rte_ether_addr address;
	int result = rte_eth_macaddr_get(io->port[d], &address);

	memcpy(mac, address.addr_bytes, sizeof address.addr_bytes);
	return result;
}

// vigor_device_driver is the name of a device's driver.
const char *vigor_device_driver(struct vigor_io *io, uint32_t d)
{
	struct rte_eth_dev_info info;

	return rte_eth_dev_info_get(io->port[d], &info) == 0 ? info.driver_name : "unknown";
}

// remove_port removes a device that is not in use from DPDK.
static void remove_port(uint16_t port)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(port, &info) < 0)
		return;
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	if (info.device != NULL)
		rte_dev_remove(info.device);
}

// vigor_device_stop stops a device, and removes it unless it is to be kept. What it has received since
// the last exchange is given back: a ring does not do so itself.
void vigor_device_stop(struct vigor_io *io, uint32_t d, bool keep)
{
	uint16_t port = io->port[d], n;
	int rounds = (io->started >> d & 1) != 0 ? 1024 : 0;
	struct rte_mbuf *left[VIGOR_BURST];

	for (; rounds > 0 && (n = rte_eth_rx_burst(port, 0, left, VIGOR_BURST)) > 0; rounds--)
		rte_pktmbuf_free_bulk(left, n);
	if (keep)
		rte_eth_dev_stop(port);
	else
		remove_port(port);
}

// vigor_device_remove removes a device by its name, if there is one.
void vigor_device_remove(const char *name)
{
	uint16_t port;

	if (rte_eth_dev_get_port_by_name(name, &port) == 0)
		remove_port(port);
}

// vigor_io_free gives back what an io holds, its lcore index and its memory, but not the pool.
void vigor_io_free(struct vigor_io *io)
{
	unsigned before = RTE_PER_LCORE(_lcore_id);

	rte_pktmbuf_free_bulk(io->held, io->received);
	rte_pktmbuf_free_bulk(io->held + VIGOR_BURST, VIGOR_SENDS);
	RTE_PER_LCORE(_lcore_id) = io->lcore;
	rte_thread_unregister();
	RTE_PER_LCORE(_lcore_id) = before;
	free(io->queue);
	free(io);
}

// vigor_pair_new makes two devices of two rings: what one sends, the other receives.
int vigor_pair_new(const char *a, const char *b, uint32_t depth, struct rte_ring *rings[2])
{
	unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ;
	int port = -1, result;

	rings[1] = NULL;
	if ((rings[0] = rte_ring_create(a, depth, SOCKET_ID_ANY, flags)) != NULL &&
	    (rings[1] = rte_ring_create(b, depth, SOCKET_ID_ANY, flags)) != NULL &&
	    (port = rte_eth_from_rings(a, &rings[0], 1, &rings[1], 1, SOCKET_ID_ANY)) >= 0 &&
	    rte_eth_from_rings(b, &rings[1], 1, &rings[0], 1, SOCKET_ID_ANY) >= 0)
		return 0;
	result = failure();
	if (port >= 0)
		remove_port(port);
	vigor_ring_free(rings[0]);
	vigor_ring_free(rings[1]);
	return result;
}

// vigor_ring_free gives back the buffers that lie in a ring, and then the ring.
void vigor_ring_free(struct rte_ring *ring)
{
	void *m;

	while (ring != NULL && rte_ring_dequeue(ring, &m) == 0)
		rte_pktmbuf_free(m);
	rte_ring_free(ring);
}
