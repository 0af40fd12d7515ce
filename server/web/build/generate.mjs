// What the console takes from elsewhere, so that nothing of it is written twice and none of it can be stale: the types of
// the API from its committed document, and what the centre's errors mean in Vietnamese.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const FOLDER = 'src/console/generated';
mkdirSync(FOLDER, { recursive: true });
/** What is as it was keeps its time: nothing is built again for it. */
function write(name, text) {
  const path = `${FOLDER}/${name}`;
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}

const options = { rootTypes: true, rootTypesNoSchemaPrefix: true, rootTypesKeepCasing: true, defaultNonNullable: false };
const types = await openapi(new URL('../../openapi.json', import.meta.url), options);
write('api.d.ts', astToString(types));

const texts = readFileSync(new URL('../../locales/vi/errors.ftl', import.meta.url), 'utf8');
const lines = [...texts.matchAll(/^error-([a-z0-9-]+) = ([^{}\n]+)$/gm)];
if (lines.length < 50) throw new Error('the Vietnamese texts of the errors were not found');
// What is wrong with a roster or a corrected sheet, with blanks as the console's own texts have them.
const causes = readFileSync(new URL('../../locales/vi/causes.ftl', import.meta.url), 'utf8');
const named = [...causes.matchAll(/^((?:roster|correction)-[a-z0-9-]+) = (.+)$/gm)];
if (named.length < 40) throw new Error('the Vietnamese texts of what is wrong with a roster were not found');
const blank = (text) => text.trim().replace(/{ \$(\w+) }/g, '{{$1}}');
write('causes.json', `${JSON.stringify(Object.fromEntries(named.map(([, code, text]) => [code.replaceAll('-', '_'), blank(text)])), undefined, 2)}\n`);
const errors = Object.fromEntries(lines.map(([, code, text]) => [code.replaceAll('-', '_'), text.trim()]));
write('errors.json', `${JSON.stringify(errors, undefined, 2)}\n`);
