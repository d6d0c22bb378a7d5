// A client of a chat hub that knows nothing of it but WebSocket (gorilla/websocket).
// It joins, says something, hears somebody, takes another name and goes.
// Arguments: HOST:PORT, "text" or "json", NAME, and whom to hear.
package main

import (
	"log"
	"net/url"
	"os"

	"github.com/gorilla/websocket"
)

type said struct {
	User    string `json:"user"`
	Message string `json:"message"`
}

type client struct {
	conn   *websocket.Conn
	isText bool
}

func (c *client) say(user, message string) {
	var err error
	if c.isText {
		err = c.conn.WriteMessage(websocket.TextMessage, []byte(message))
	} else {
		err = c.conn.WriteJSON(said{user, message})
	}
	if err != nil {
		log.Fatal("say: ", err)
	}
}

// hear reads until somebody says something.
func (c *client) hear(user, message string) {
	for {
		if c.isText {
			_, line, err := c.conn.ReadMessage()
			if err != nil {
				log.Fatal("hear: ", err)
			}
			if string(line) == user+": "+message {
				return
			}
			continue
		}
		var heard said
		if err := c.conn.ReadJSON(&heard); err != nil {
			log.Fatal("hear: ", err)
		}
		if heard == (said{user, message}) {
			return
		}
	}
}

func main() {
	address, isText, name, other := os.Args[1], os.Args[2] == "text", os.Args[3], os.Args[4]
	to := url.URL{Scheme: "ws", Host: address, Path: "/ws"}
	if isText {
		to.RawQuery = url.Values{"name": {name}}.Encode()
	}
	conn, _, err := websocket.DefaultDialer.Dial(to.String(), nil)
	if err != nil {
		log.Fatal("dial: ", err)
	}
	defer conn.Close()
	c := &client{conn, isText}
	c.say(name, "hello from "+name)
	c.hear("System", name+" joined")
	c.hear(name, "hello from "+name)
	c.hear(other, "hello "+name)
	renamed := name + "2"
	if isText {
		c.say(name, "/name "+renamed)
	}
	c.say(renamed, "goodbye")
	c.hear("System", name+" is now known as "+renamed)
	c.hear(renamed, "goodbye")
	c.say(renamed, "/quit")
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				log.Fatal("quit: ", err)
			}
			return
		}
	}
}
