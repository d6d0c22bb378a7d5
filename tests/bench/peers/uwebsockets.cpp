// uWebSockets with its own publish and subscribe, in one loop.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "App.h"

struct Nothing {};

int main() {
    uWS::App app;
    app.ws<Nothing>("/*", {
        .compression = uWS::DISABLED,
        .idleTimeout = 0,
        .maxBackpressure = 0, // No message is dropped.
        .open = [](auto *socket) { socket->subscribe("room"); },
        .message = [&app](auto *, std::string_view text, uWS::OpCode) {
            app.publish("room", text, uWS::OpCode::TEXT);
        },
    });
    app.listen("127.0.0.1", 0, [](auto *listener) {
        if (!listener) exit(1);
        int port = us_socket_local_port(0, (us_socket_t *) listener);
        printf("listening on ws://127.0.0.1:%d/ws\n", port);
        fflush(stdout);
    });
    app.run();
}
