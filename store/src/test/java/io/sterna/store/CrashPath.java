package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.List;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;

/** Lets MVStore keep its file on a {@link CrashDisk}: {@code crash:DISK/FILE}. */
final class CrashPath extends FilePath {
    static final String SCHEME = "crash";

    static void register() {
        FilePath.register(new CrashPath());
    }

    private CrashDisk disk() {
        return CrashDisk.byId(name.substring(SCHEME.length() + 1, name.indexOf('/')));
    }

    private String file() {
        return name.substring(name.indexOf('/') + 1);
    }

    @Override
    public FileChannel open(String mode) {
        disk().create(file());
        return new Channel(disk(), file());
    }

    @Override
    public long size() {
        return disk().size(file());
    }

    @Override
    public boolean exists() {
        return disk().exists(file());
    }

    @Override
    public boolean createFile() {
        boolean missing = !exists();
        disk().create(file());
        return missing;
    }

    @Override
    public void delete() {
        disk().delete(file());
    }

    @Override
    public boolean canWrite() {
        return true;
    }

    @Override
    public boolean isRegularFile() {
        return exists();
    }

    @Override
    public boolean isAbsolute() {
        return true;
    }

    @Override
    public boolean isDirectory() {
        return false;
    }

    @Override
    @SuppressWarnings("NullAway") // MVStore takes it as "no parent".
    public FilePath getParent() {
        return null;
    }

    @Override
    public FilePath toRealPath() {
        return this;
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FilePath getPath(String path) {
        CrashPath result = new CrashPath();
        result.name = path;
        return result;
    }

    @Override
    public void moveTo(FilePath target, boolean atomicReplace) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<FilePath> newDirectoryStream() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long lastModified() {
        return 0;
    }

    @Override
    public void createDirectory() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean setReadOnly() {
        return false;
    }

    private static final class Channel extends FileBaseDefault {
        private final CrashDisk disk;
        private final String file;

        Channel(CrashDisk disk, String file) {
            this.disk = disk;
            this.file = file;
        }

        @Override
        public long size() {
            return disk.size(file);
        }

        @Override
        public synchronized int read(ByteBuffer target, long position) {
            return disk.read(file, target, position);
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            int count = source.remaining();
            disk.write(file, source, position);
            return count;
        }

        @Override
        protected void implTruncate(long size) {
            disk.truncate(file, size);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            disk.force(file);
        }

        @Override
        public synchronized FileLock tryLock(long position, long size, boolean shared) {
            return new FileLock(this, position, size, shared) {
                @Override
                public boolean isValid() {
                    return true;
                }

                @Override
                public void release() {
                    // Held by nobody else.
                }
            };
        }
    }
}
