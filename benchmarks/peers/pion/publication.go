package main

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// Key frames are asked for no more often than this, however many subscribers want one.
const keyFrameInterval = 500 * time.Millisecond

const mostPacketBytes = 1500

// publication is a track that somebody sends, and the local track that all subscribers are bound to.
type publication struct {
	id        string
	track     *webrtc.TrackLocalStaticRTP
	publisher *webrtc.PeerConnection

	mutex     sync.Mutex
	ssrc      uint32
	requested time.Time
}

// forward passes packets on until the publisher is gone.
func (publication *publication) forward(remote *webrtc.TrackRemote) {
	publication.mutex.Lock()
	publication.ssrc = uint32(remote.SSRC())
	publication.mutex.Unlock()
	publication.requestKeyFrame()

	buffer := make([]byte, mostPacketBytes)
	packet := &rtp.Packet{}
	for {
		size, _, err := remote.Read(buffer)
		if err != nil {
			return
		}
		if err := packet.Unmarshal(buffer[:size]); err != nil {
			continue
		}
		// The publisher's extensions have the publisher's ids.
		packet.Extension = false
		packet.Extensions = nil
		if err := publication.track.WriteRTP(packet); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			return
		}
	}
}

// requestKeyFrame asks the publisher for a picture that stands alone, if that was not done just now.
func (publication *publication) requestKeyFrame() {
	publication.mutex.Lock()
	ssrc, due := publication.ssrc, time.Since(publication.requested) >= keyFrameInterval
	if ssrc != 0 && due {
		publication.requested = time.Now()
	}
	publication.mutex.Unlock()
	if ssrc != 0 && due {
		_ = publication.publisher.WriteRTCP([]rtcp.Packet{
			&rtcp.PictureLossIndication{MediaSSRC: ssrc},
		})
	}
}
