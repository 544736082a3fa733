#include <click/config.h>
#include "timedreplay.hh"
#include <click/args.hh>
#include <click/error.hh>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
CLICK_DECLS

static uint8_t *frames;
static uint32_t length, count, next_frame;
static uint32_t packets; // since the clock was last read
static int64_t last;
static double chunks[64];
static int chunk;

static int64_t thread_time()
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void note()
{
	int64_t now = thread_time();

	chunks[chunk++] = double(now - last) / packets;
	packets = 0;
	if (chunk == 64) {
		char line[1024];
		int n = 0;

		for (chunk = 0; chunk < 64; chunk++)
			n += snprintf(line + n, sizeof line - n, "%.2f%c", chunks[chunk], chunk < 63 ? ' ' : '\n');
		(void)!write(1, line, n);
		chunk = 0;
		now = thread_time();
	}
	last = now;
}

static uint16_t overwrite(uint16_t, uint16_t, struct rte_mbuf *m[], uint16_t n, uint16_t, void *)
{
	for (uint16_t i = 0; i < n; i++) {
		rte_memcpy(rte_pktmbuf_mtod(m[i], void *), frames + (size_t)next_frame * length, length);
		m[i]->data_len = m[i]->pkt_len = length;
		if (++next_frame == count)
			next_frame = 0;
	}
	packets += n;
	if (packets >= 4096)
		note();
	return n;
}

int TimedReplay::configure(Vector<String> &conf, ErrorHandler *errh)
{
	return Args(conf, this, errh).read_mp("PORT", _port).read_mp("FILE", FilenameArg(), _file).complete();
}

int TimedReplay::initialize(ErrorHandler *errh)
{
	FILE *f = fopen(_file.c_str(), "rb");
	uint8_t header[24];
	uint32_t record[4];
	long total;

	if (!f || fread(header, sizeof header, 1, f) != 1)
		return errh->error("cannot read %s", _file.c_str());
	fseek(f, 0, SEEK_END);
	total = ftell(f);
	fseek(f, sizeof header, SEEK_SET);
	frames = (uint8_t *)aligned_alloc(64, (total + 63) & ~63L);
	for (; fread(record, sizeof record, 1, f) == 1; count++) {
		length = record[2];
		if (fread(frames + (size_t)count * length, length, 1, f) != 1)
			return errh->error("%s is cut off", _file.c_str());
	}
	fclose(f);
	if (!rte_eth_add_rx_callback(_port, 0, overwrite, 0))
		return errh->error("device %d takes no callback", _port);
	return 0;
}

CLICK_ENDDECLS
ELEMENT_REQUIRES(userlevel dpdk)
EXPORT_ELEMENT(TimedReplay)
