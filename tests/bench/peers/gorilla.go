// gorilla/websocket as its users write it first: a loop over all connections under a mutex.
package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

var (
	mutex    sync.Mutex
	clients  = map[*websocket.Conn]bool{}
	upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024}
)

func serve(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	mutex.Lock()
	clients[conn] = true
	mutex.Unlock()
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			break
		}
		tell(kind, message)
	}
	mutex.Lock()
	delete(clients, conn)
	mutex.Unlock()
	conn.Close()
}

func tell(kind int, message []byte) {
	mutex.Lock()
	defer mutex.Unlock()
	for client := range clients {
		if client.WriteMessage(kind, message) != nil {
			delete(clients, client)
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on ws://%s/ws\n", listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(serve)))
}
