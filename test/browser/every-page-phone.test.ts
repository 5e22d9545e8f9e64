/** Every page as a phone shows it. */
import { seeEveryPage } from './every-page.js';

seeEveryPage({ width: 390, height: 844 });
