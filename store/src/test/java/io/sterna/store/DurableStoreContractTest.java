package io.sterna.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class DurableStoreContractTest extends StoreContract {
    @TempDir
    Path directory;

    @Override
    Store open() throws StoreException {
        return DurableStore.open(directory, StoreConfig.defaults().withJournal(64 << 10, 8));
    }

    @Override
    Store reopen(Store closed) throws StoreException {
        return open();
    }
}
