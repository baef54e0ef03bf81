package io.sterna.store;

import java.io.IOException;

/** The disk has no room for a file that is to be given up then, see {@link Disk#giveUpWhenFull}. */
final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    NoRoomException(String path, IOException cause) {
        super(path + " finds no room: " + cause.getMessage(), cause);
    }
}
