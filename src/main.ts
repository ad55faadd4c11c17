import './ui/app.js';
import { watchInteraction } from './ui/interaction.js';

watchInteraction(window);
