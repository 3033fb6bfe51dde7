import { configFile, processEnvironment } from '../config/boot.ts';
import { type Checked, checkInput } from '../config/check.ts';
import { Inputs } from '../config/inputs.ts';
import { readText } from '../config/read-text.ts';

/**
 * The configuration that a gateway would start with: of a file, or of the environment alone.
 * @param given the name of a file, if one was given
 * @throws ConfigError with all that is wrong
 */
export function load(given: string | undefined): Checked {
  const file = configFile(given);
  const inputs = new Inputs();
  const main = file === undefined ? {} : { main: { text: readText(file, inputs), file } };
  return checkInput({ ...main, environment: processEnvironment() }, inputs);
}
