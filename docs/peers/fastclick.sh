#!/bin/sh
# Builds FastClick with its bridge and DPDK, and with an element that feeds it the traffic of a capture and tells
# the time, for fastclick.py. Needs g++, make, perl, libdpdk-dev 22.11, libelf-dev and libnuma-dev.
#
#	git clone https://github.com/tbarbette/fastclick; sh fastclick.sh fastclick
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
CFLAGS="-O3 -march=native" CXXFLAGS="-O3 -march=native -std=gnu++17" ./configure --disable-linuxmodule \
	--enable-userlevel --enable-user-multithread --enable-multithread --enable-dpdk --enable-batch \
	--enable-etherswitch --enable-local --disable-dynamic-linking
cp "$here/timedreplay.hh" "$here/timedreplay.cc" elements/local/
cd userlevel
# DPDK's own flags name an old processor, and come last; libsystemd is wanted without need.
sed -i 's/-march=corei7/-march=native/g; s/ -mavx2 -msse2 -msse4.2//' Makefile
mkdir -p empty && ar rcs empty/libsystemd.a
make elements.conf
# Only what the configurations of fastclick.py need.
{
	sed -n 1p elements.conf
	grep -E '/etherswitch/etherswitch\.|/standard/(addressinfo|alignmentinfo|errorelement|portinfo|scheduleinfo|discard|idle|infinitesource|settimestamp|drivermanager)\.|/threads/staticthreadsched|/userlevel/(queuedevice|dpdkinfo|fromdpdkdevice|todpdkdevice|ensuredpdkbuffer|fromdump|fakepcap|controlsocket)\.|/standard/(paint|script)\.cc' elements.conf
	printf '../elements/local/timedreplay.cc\t"../elements/local/timedreplay.hh"\tTimedReplay-TimedReplay \n'
} > elements_bridge.conf
make MINDRIVER=bridge LDFLAGS="-lnuma -Lempty" bridgeclick
