import { FileTypeMismatch, FileTypeRefused } from './attachments.errors.ts';
import { extensionOf } from './file-name.rules.ts';

/** What the content of a file says of itself. */
export interface Seen {
  /** The usual extension of the format that its first bytes are those of; null for none that is known. */
  format: string | null;
  /** Its beginning can be read as text. */
  isText: boolean;
}

const UNKNOWN_TYPE = 'application/octet-stream';
const PLAIN = 'text/plain; charset=utf-8';

const words = (text: string) => text.split(' ');

/** Run by a double click, or by what a double click starts. Inside an archive nobody runs them by mistake. */
const REFUSED_EXTENSIONS = new Set(
  words(
    'exe dll com scr pif cpl sys drv ocx msi msp mst msix msixbundle appx appxbundle gadget bat cmd ps1 psm1 psc1 vb vbs vbe js jse ' +
      'ws wsf wsh wsc sct hta lnk url scf reg inf chm hlp jar class apk xapk xpi crx deb rpm dmg pkg mpkg app command workflow desktop ' +
      'sh bash zsh csh ksh run elf so dylib bin iso img vhd vhdx swf application settingcontent-ms xll',
  ),
);
/** The same by content, whatever the file is called. */
const REFUSED_FORMATS = new Set(
  words('exe elf macho class jar apk xpi crx deb rpm lnk alias reg chm swf dmg iso asar'),
);

/** Texts that a browser would run or a viewer load from elsewhere: nobody is told that they are more than texts. */
const MARKUP = words('html htm xhtml xht shtml mhtml mht svg xml xsl xslt dtd rss atom xul');
const TEXTS = words(
  'txt text log ini conf cfg toml yaml yml sql diff patch rst tex srt adoc ts tsx jsx mjs cjs vue css scss less py rb php pl lua r go rs ' +
    'java kt swift scala c h cc cpp hpp cs m graphql proto tf gradle properties env gitignore geojson kml gpx plist drawio bpmn tsv eml',
);
/** Formats that are texts, and have a name of their own. */
const TEXT_TYPES: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
  json: 'application/json',
  ics: 'text/calendar; charset=utf-8',
  vcf: 'text/vcard; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  ...Object.fromEntries([...TEXTS, ...MARKUP].map((extension) => [extension, PLAIN])),
};
/** What is written in letters and is none of those texts. */
const WRITTEN_FORMATS = new Set(words('pdf rtf ps eps'));

/** An extension that promises a format: its media type, and the formats of the content that keep the promise. */
type Promised = readonly [mediaType: string, formats: string];

const OFFICE = 'application/vnd.openxmlformats-officedocument';
const OPEN = 'application/vnd.oasis.opendocument';
const MOVIE = 'mp4 m4v mov m4a m4b m4p 3gp 3g2 f4v';
const OGG = 'ogg oga ogv opus spx ogm ogx';

/** A protected document of the newer office formats is a container of the older ones. */
const BINARY: Record<string, Promised> = {
  png: ['image/png', 'png apng'],
  jpg: ['image/jpeg', 'jpg'],
  jpeg: ['image/jpeg', 'jpg'],
  gif: ['image/gif', 'gif'],
  webp: ['image/webp', 'webp'],
  avif: ['image/avif', 'avif heic'],
  heic: ['image/heic', 'heic avif'],
  heif: ['image/heif', 'heic avif'],
  bmp: ['image/bmp', 'bmp'],
  tif: ['image/tiff', 'tif'],
  tiff: ['image/tiff', 'tif'],
  ico: ['image/x-icon', 'ico'],
  psd: ['image/vnd.adobe.photoshop', 'psd'],
  pdf: ['application/pdf', 'pdf'],
  rtf: ['application/rtf', 'rtf'],
  doc: ['application/msword', 'cfb doc dot rtf'],
  xls: ['application/vnd.ms-excel', 'cfb xls'],
  ppt: ['application/vnd.ms-powerpoint', 'cfb ppt'],
  msg: ['application/vnd.ms-outlook', 'cfb msg'],
  docx: [`${OFFICE}.wordprocessingml.document`, 'docx zip cfb'],
  xlsx: [`${OFFICE}.spreadsheetml.sheet`, 'xlsx zip cfb'],
  pptx: [`${OFFICE}.presentationml.presentation`, 'pptx zip cfb'],
  odt: [`${OPEN}.text`, 'odt zip'],
  ods: [`${OPEN}.spreadsheet`, 'ods zip'],
  odp: [`${OPEN}.presentation`, 'odp zip'],
  odg: [`${OPEN}.graphics`, 'odg zip'],
  epub: ['application/epub+zip', 'epub zip'],
  zip: ['application/zip', 'zip docx xlsx pptx odt ods odp odg epub vsdx 3mf numbers pages key'],
  gz: ['application/gzip', 'gz tar.gz'],
  tgz: ['application/gzip', 'gz tar.gz'],
  tar: ['application/x-tar', 'tar'],
  bz2: ['application/x-bzip2', 'bz2'],
  xz: ['application/x-xz', 'xz'],
  zst: ['application/zstd', 'zst'],
  '7z': ['application/x-7z-compressed', '7z'],
  rar: ['application/vnd.rar', 'rar'],
  mp3: ['audio/mpeg', 'mp3 mp2 mp1'],
  wav: ['audio/wav', 'wav'],
  flac: ['audio/flac', 'flac'],
  aac: ['audio/aac', 'aac'],
  ogg: ['audio/ogg', OGG],
  oga: ['audio/ogg', OGG],
  opus: ['audio/ogg', OGG],
  ogv: ['video/ogg', OGG],
  m4a: ['audio/mp4', MOVIE],
  mp4: ['video/mp4', MOVIE],
  m4v: ['video/mp4', MOVIE],
  mov: ['video/quicktime', MOVIE],
  webm: ['video/webm', 'webm mkv'],
  mkv: ['video/matroska', 'mkv webm'],
  avi: ['video/x-msvideo', 'avi'],
  mpg: ['video/mpeg', 'mpg'],
  mpeg: ['video/mpeg', 'mpg'],
};

/** Before anything of it has arrived. @throws FileTypeRefused */
export function refuseDangerous(name: string): void {
  const extension = extensionOf(name);
  if (REFUSED_EXTENSIONS.has(extension)) throw new FileTypeRefused(`.${extension}`);
}

/**
 * What a file is served as: by its extension, which its content has to fit. An extension that promises nothing is kept as
 * unknown bytes.
 *
 * @throws FileTypeRefused for programs, FileTypeMismatch
 */
export function mediaTypeOf(name: string, { format, isText }: Seen): string {
  const extension = extensionOf(name);
  const text = TEXT_TYPES[extension];
  if (text !== undefined && isText) {
    // Two letters are enough to be taken for a program or a bitmap, and a text may begin with them.
    if (format !== null && WRITTEN_FORMATS.has(format)) throw new FileTypeMismatch(extension, format);
    return text;
  }
  if (format !== null && REFUSED_FORMATS.has(format) && !isText) throw new FileTypeRefused(format);
  if (text !== undefined) throw new FileTypeMismatch(extension, format);
  const promised = BINARY[extension];
  if (promised === undefined) return UNKNOWN_TYPE;
  const [mediaType, formats] = promised;
  if (format === null || !words(formats).includes(format)) throw new FileTypeMismatch(extension, format);
  return mediaType;
}
