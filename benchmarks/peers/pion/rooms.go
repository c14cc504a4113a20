package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

var errNoPublication = errors.New("no such publication")

// rooms opens a room when it is first asked for.
type rooms struct {
	engine *engine
	mutex  sync.Mutex
	byName map[string]*room
}

func newRooms(engine *engine) *rooms {
	return &rooms{engine: engine, byName: map[string]*room{}}
}

func (rooms *rooms) get(name string) *room {
	rooms.mutex.Lock()
	defer rooms.mutex.Unlock()
	found, known := rooms.byName[name]
	if !known {
		found = &room{engine: rooms.engine, publications: map[string]*publication{}}
		rooms.byName[name] = found
	}
	return found
}

// room is where tracks are published and subscribed to.
type room struct {
	engine       *engine
	mutex        sync.RWMutex
	added        int
	publications map[string]*publication
}

// publish answers an offer to send a track; the publication's id comes first.
func (room *room) publish(offer string) (string, string, error) {
	connection, err := room.engine.connect()
	if err != nil {
		return "", "", err
	}
	published, err := room.add(connection)
	if err != nil {
		_ = connection.Close()
		return "", "", err
	}
	connection.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		published.forward(remote)
		room.remove(published)
	})
	answered, err := answer(connection, offer)
	if err != nil {
		room.remove(published)
		_ = connection.Close()
		return "", "", err
	}
	return published.id, answered, nil
}

// subscribe answers an offer to receive some publications, each in a section of its own.
func (room *room) subscribe(ids []string, offer string) (string, error) {
	wanted, err := room.find(ids)
	if err != nil {
		return "", err
	}
	connection, err := room.engine.connect()
	if err != nil {
		return "", err
	}
	for _, one := range wanted {
		sender, err := connection.AddTrack(one.track)
		if err != nil {
			_ = connection.Close()
			return "", err
		}
		go listen(sender, one)
	}
	answered, err := answer(connection, offer)
	if err != nil {
		_ = connection.Close()
		return "", err
	}
	connection.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		if state == webrtc.ICEConnectionStateConnected {
			for _, one := range wanted {
				one.requestKeyFrame()
			}
		}
	})
	return answered, nil
}

// listen reads what a subscriber has to say, which the interceptors need too.
func listen(sender *webrtc.RTPSender, about *publication) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				about.requestKeyFrame()
			}
		}
	}
}

func (room *room) add(connection *webrtc.PeerConnection) (*publication, error) {
	room.mutex.Lock()
	defer room.mutex.Unlock()
	room.added++
	id := fmt.Sprintf("publication-%d", room.added)
	track, err := webrtc.NewTrackLocalStaticRTP(
		webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, id, id,
	)
	if err != nil {
		return nil, err
	}
	added := &publication{id: id, track: track, publisher: connection}
	room.publications[id] = added
	return added, nil
}

func (room *room) remove(published *publication) {
	room.mutex.Lock()
	defer room.mutex.Unlock()
	delete(room.publications, published.id)
}

func (room *room) find(ids []string) ([]*publication, error) {
	room.mutex.RLock()
	defer room.mutex.RUnlock()
	found := make([]*publication, 0, len(ids))
	for _, id := range ids {
		one, known := room.publications[id]
		if !known {
			return nil, fmt.Errorf("%w: %s", errNoPublication, id)
		}
		found = append(found, one)
	}
	return found, nil
}
