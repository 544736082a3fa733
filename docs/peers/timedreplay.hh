#ifndef CLICK_TIMEDREPLAY_HH
#define CLICK_TIMEDREPLAY_HH
#include <click/element.hh>
CLICK_DECLS

// TimedReplay(PORT, FILE) overwrites what DPDK's device PORT receives with the frames of a capture, all of one length,
// in turn. It writes the thread's processor time for a packet, in nanoseconds, to standard output: 64 values a
// line, each over 4,096 packets.
class TimedReplay : public Element { public:
	TimedReplay() CLICK_COLD {}
	const char *class_name() const override { return "TimedReplay"; }
	const char *port_count() const override { return PORTS_0_0; }
	int configure(Vector<String> &, ErrorHandler *) override CLICK_COLD;
	int initialize(ErrorHandler *) override CLICK_COLD;

  private:
	int _port;
	String _file;
};

CLICK_ENDDECLS
#endif
