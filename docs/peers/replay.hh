#ifndef CLICK_REPLAY_HH
#define CLICK_REPLAY_HH
#include <click/element.hh>
CLICK_DECLS

// Replay(PORT, FILE) overwrites what DPDK's device PORT receives with the frames of a capture, all of one length,
// in turn. It writes the thread's processor time for a packet, in nanoseconds, to standard output: 64 values a
// line, each over 4,096 packets.
class Replay : public Element { public:
	Replay() CLICK_COLD {}
	const char *class_name() const override { return "Replay"; }
	const char *port_count() const override { return PORTS_0_0; }
	int configure(Vector<String> &, ErrorHandler *) override CLICK_COLD;
	int initialize(ErrorHandler *) override CLICK_COLD;

  private:
	int _port;
	String _file;
};

CLICK_ENDDECLS
#endif
