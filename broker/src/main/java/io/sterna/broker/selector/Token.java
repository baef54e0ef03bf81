package io.sterna.broker.selector;

/**
 * A word of a selector.
 *
 * @param kind what it is
 * @param text an identifier's name, a string's content, else what stands in the selector
 * @param position chars from the selector's start
 */
record Token(Kind kind, String text, int position) {

    enum Kind {
        IDENTIFIER("an identifier"),
        STRING("a string"),
        NUMBER("a number"),
        NOT("NOT"),
        AND("AND"),
        OR("OR"),
        BETWEEN("BETWEEN"),
        LIKE("LIKE"),
        IN("IN"),
        IS("IS"),
        ESCAPE("ESCAPE"),
        NULL("NULL"),
        TRUE("TRUE"),
        FALSE("FALSE"),
        LEFT_PARENTHESIS("'('"),
        RIGHT_PARENTHESIS("')'"),
        COMMA("','"),
        EQUAL("'='"),
        NOT_EQUAL("'<>'"),
        LESS("'<'"),
        LESS_OR_EQUAL("'<='"),
        GREATER("'>'"),
        GREATER_OR_EQUAL("'>='"),
        PLUS("'+'"),
        MINUS("'-'"),
        STAR("'*'"),
        SLASH("'/'"),
        END("the end");

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        @Override
        public String toString() {
            return description;
        }
    }

    /** For an error message; shortened. */
    String shown() {
        String part = text.length() > 40 ? text.substring(0, 40) + "…" : text;
        return switch (kind) {
            case IDENTIFIER -> "identifier " + part;
            case STRING -> "string '" + part + "'";
            case NUMBER -> "number " + part;
            default -> kind.toString();
        };
    }
}
