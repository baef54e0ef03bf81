/** What carrying records from node to node costs, without disks and without queues. */
@NullMarked
package io.sterna.bench.links;

import org.jspecify.annotations.NullMarked;
