import '../../css/divisions.css';
import '../../css/imports.css';
import '../../css/registers.css';
import '../console';
import { startDrop } from './drop';
import { startForm } from './form';
import { startList } from './list';
import { startReview } from './review';

startDrop();
startForm();
startList();
startReview();
