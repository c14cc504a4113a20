// A small SFU on Pion, to be measured beside Crossover: rooms of people who publish a track of VP8
// or subscribe to those of others, each with an offer over HTTP. It is written as Pion's own
// examples advise: one UDP port for everybody, one local track per publication to which all
// subscribers are bound, Pion's default interceptors, no transcoding.
//
//	sfu -address 192.0.2.1
//
// It prints where its HTTP API is, which listens on the loopback interface only.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
)

func main() {
	address := flag.String("address", "127.0.0.1", "IPv4 address at which media is received")
	flag.Parse()

	engine, err := newEngine(*address)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, newHandler(newRooms(engine))))
}

type publishRequest struct {
	Room  string `json:"room"`
	Offer string `json:"offer"`
}

type subscribeRequest struct {
	Room         string   `json:"room"`
	Publications []string `json:"publications"`
	Offer        string   `json:"offer"`
}

// reply is the answer to both; a subscriber's has no id.
type reply struct {
	ID     string `json:"id,omitempty"`
	Answer string `json:"answer"`
}

func newHandler(rooms *rooms) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/publish", func(writer http.ResponseWriter, request *http.Request) {
		var asked publishRequest
		if !read(writer, request, &asked) {
			return
		}
		id, answer, err := rooms.get(asked.Room).publish(asked.Offer)
		write(writer, reply{ID: id, Answer: answer}, err)
	})
	mux.HandleFunc("/subscribe", func(writer http.ResponseWriter, request *http.Request) {
		var asked subscribeRequest
		if !read(writer, request, &asked) {
			return
		}
		answer, err := rooms.get(asked.Room).subscribe(asked.Publications, asked.Offer)
		write(writer, reply{Answer: answer}, err)
	})
	return mux
}

func read(writer http.ResponseWriter, request *http.Request, into interface{}) bool {
	if err := json.NewDecoder(request.Body).Decode(into); err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func write(writer http.ResponseWriter, answer reply, err error) {
	switch {
	case errors.Is(err, errNoPublication):
		http.Error(writer, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(writer, err.Error(), http.StatusInternalServerError)
	default:
		writer.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(writer).Encode(answer); err != nil {
			log.Print(err)
		}
	}
}
