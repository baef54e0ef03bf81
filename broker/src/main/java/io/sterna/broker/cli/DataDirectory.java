package io.sterna.broker.cli;

import io.sterna.broker.config.DataConfig;
import io.sterna.store.DirectoryInUseException;
import io.sterna.store.DurableStore;
import io.sterna.store.Store;
import io.sterna.store.StoreException;

/** Opens the store of the node's data directory. */
final class DataDirectory {
    private DataDirectory() {}

    static Store open(DataConfig config) throws StartException {
        try {
            return DurableStore.open(config.directory());
        } catch (DirectoryInUseException e) {
            throw new StartException(ExitCode.DATA_IN_USE, e.getMessage());
        } catch (StoreException e) {
            throw new StartException(ExitCode.FAILED, e.getMessage());
        }
    }
}
