// What is typed and pressed while a page connects reaches the service when it is connected, in the same order.
// NiceGUI lets each event wait for `did_handshake` on its own, so that they arrive in any order. Socket.IO keeps those
// that are sent before it is connected, in their order.
{
  let connected = false;
  Object.defineProperty(window, "did_handshake", {
    get: () => connected || Boolean(window.socket),
    set: (value) => (connected = value),
  });
}

// A page that cannot reconnect checks whether its address redirects to log in, and then reloads.
addEventListener("load", function watch() {
  if (!window.socket) return setTimeout(watch, 100);
  window.socket.on("connect_error", async () => {
    const page = await fetch(location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (page?.type === "opaqueredirect") location.reload();
  });
});
