/** Every page as a phone shows it, in both lights. */
import { seeEveryPage } from './every-page.js';

seeEveryPage({ width: 390, height: 844 });
