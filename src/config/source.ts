/** A configuration as it is written, and which one it is. */
export interface ConfigText {
  /** Hex SHA-256 of the text: equal texts are equal versions. */
  readonly version: string;
  readonly text: string;
  /** Where it came from, for messages. */
  readonly file: string;
}

/** Where configurations come from. */
export interface ConfigSource {
  /** @throws ConfigError when there is none to read */
  read(): Promise<ConfigText>;
}
