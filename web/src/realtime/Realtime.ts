import { createContext, use, useEffect, useState } from "react";

import { EditLocks, type EditLock, type Locks } from "@/realtime/locks";
import type { ServerMessage } from "@/realtime/messages";
import { NOBODY, Presence, type Viewers } from "@/realtime/presence";
import { type Liveness, LiveSocket, type Surroundings } from "@/realtime/socket";
import { Store, useStore } from "@/realtime/store";

/** The live connection of a tab to one tenant, and what is kept by it. */
export class Realtime {
  readonly socket: LiveSocket;
  readonly locks: EditLocks;
  #end: () => void = () => undefined;

  constructor(surroundings: Surroundings, listLocks: () => Promise<EditLock[]>) {
    this.socket = new LiveSocket(surroundings);
    this.locks = new EditLocks(this.socket, listLocks);
  }

  start = (): void => {
    this.#end = this.socket.subscribe("tenant");
    this.locks.start();
    this.socket.start();
  };

  stop = (): void => {
    this.locks.stop();
    this.#end();
    this.socket.stop();
  };
}

export const RealtimeContext = createContext<Realtime | null>(null);

export function useRealtime(): Realtime {
  const realtime = use(RealtimeContext);
  if (realtime === null) throw new Error("There is no RealtimeContext above this component.");
  return realtime;
}

export function useLiveness(): Liveness {
  return useStore(useRealtime().socket.liveness);
}

export function useLocks(): Locks {
  return useStore(useRealtime().locks.all);
}

/** Call for every message, and `gap` where some are missing and everything has to be read again. */
export function useMessages(hear: (message: ServerMessage) => void, gap: () => void): void {
  const { socket } = useRealtime();
  useEffect(() => {
    const ends = [socket.listen(hear), socket.onGap(gap)];
    return () => {
      for (const end of ends) end();
    };
  }, [socket, hear, gap]);
}

/** Who looks at a topic, oneself included. */
export function usePresence(topic: string): Viewers {
  const { socket } = useRealtime();
  const [viewers] = useState(() => new Store<Viewers>(NOBODY));
  useEffect(() => new Presence(socket, topic, viewers).stop, [socket, topic, viewers]);
  return useStore(viewers);
}
