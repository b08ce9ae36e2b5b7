// Turns every text of pages/ into a page of dist/. The first line becomes the heading.
const fs = require('fs');
const path = require('path');

fs.mkdirSync('dist', { recursive: true });
for (const name of fs.readdirSync('pages')) {
  const [title, ...rest] = fs.readFileSync(path.join('pages', name), 'utf8').trim().split('\n');
  const page = `<!doctype html>\n<meta charset="utf-8">\n<h1>${title}</h1>\n<p>${rest.join(' ').trim()}</p>\n`;
  fs.writeFileSync(path.join('dist', name.replace(/\.txt$/, '.html')), page);
  console.log(`dist/${name.replace(/\.txt$/, '.html')}`);
}
