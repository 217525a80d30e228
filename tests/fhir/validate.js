// Validate FHIR R4 resources: node validate.js FILE...
//
// One line of TAP per file.  Exit status 1 if any file is not valid R4, or is
// neither a Task, nor an AuditEvent, nor a Bundle of them.
'use strict';

const fs = require('fs');
const path = require('path');
const { Fhir } = require('fhir');

const fhir = new Fhir();
const WANTED = ['Task', 'AuditEvent'];

// The resources in a file: itself, or what stands in its entries.
function resources(json) {
  return json.resourceType === 'Bundle'
    ? [json, ...(json.entry || []).map((e) => e.resource)]
    : [json];
}

function troubles(text) {
  const json = JSON.parse(text);
  const all = resources(json);
  const found = [];
  for (const r of all) {
    const result = fhir.validate(JSON.stringify(r), { errorOnUnexpected: true });
    for (const m of result.messages || []) {
      if (m.severity === 'error' || m.severity === 'fatal') {
        found.push(`${m.location}: ${m.message}`);
      }
    }
    if (!result.valid && found.length === 0) {
      found.push(`${r.resourceType} is not valid`);
    }
  }
  if (!all.some((r) => WANTED.includes(r.resourceType))) {
    found.push(`there is no ${WANTED.join(' or ')} in it`);
  }
  return found;
}

let failed = false;
for (const file of process.argv.slice(2)) {
  let found;
  try {
    found = troubles(fs.readFileSync(file, 'utf8'));
  } catch (e) {
    found = [String(e)];
  }
  console.log(`${found.length ? 'not ok' : 'ok'} - ${path.basename(file)} is valid R4`);
  for (const line of found) {
    console.log(`# ${line}`);
  }
  failed = failed || found.length > 0;
}
process.exit(failed ? 1 : 0);
