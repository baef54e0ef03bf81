package io.sterna.store;

/** Hears, from any thread of the store, that it can't go on. */
interface FailureListener {
    void onFailed(String what, Throwable cause);
}
