package io.sterna.broker.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where the node keeps what it has promised to keep.
 *
 * @param directory created when it is not there; a relative one is below the working directory
 */
public record DataConfig(Path directory) {

    static DataConfig read(Section section) throws ConfigException {
        String directory = section.text("dir", "data");
        section.refuseUnknown();
        try {
            return new DataConfig(Path.of(directory));
        } catch (InvalidPathException e) {
            throw section.refused("dir", directory, "the path of a directory");
        }
    }
}
